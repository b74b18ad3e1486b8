//! Keys and tokens in the shapes that their makers give them. None of them opens anything.

use super::hash::crc32;
use super::{Value, bare, cued};
use crate::dice::{BASE62, Dice};

const BASE64_URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &str = "0123456789abcdef";

pub(super) fn secret(dice: &mut Dice) -> Value {
    bare(match dice.between(0, 30) {
        0 => format!("AKIA{}", dice.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
        1 | 2 => {
            let kind = *dice.pick(&["ghp", "gho", "ghs", "ghu"]);
            summed(kind, dice.chars(BASE62, 30))
        }
        3 => format!("github_pat_{}_{}", dice.chars(BASE62, 22), dice.chars(BASE62, 59)),
        4 => format!("glpat-{}", dice.chars(BASE62, 20)),
        5 => format!("xoxb-{}-{}-{}", dice.shape("89999999999"), dice.shape("89999999999"), dice.chars(BASE62, 24)),
        6 => format!(
            "https://hooks.slack.com/services/{}/{}/{}",
            dice.shape("T********"),
            dice.shape("B********"),
            dice.chars(BASE62, 24)
        ),
        7 => format!("sk_live_{}", dice.chars(BASE62, 24)),
        8 => format!("rk_live_{}", dice.chars(BASE62, 24)),
        9 => format!("sk-proj-{}T3BlbkFJ{}", dice.chars(BASE62, 74), dice.chars(BASE62, 74)),
        10 => format!("sk-{}T3BlbkFJ{}", dice.chars(BASE62, 20), dice.chars(BASE62, 20)),
        11 => format!("sk-ant-api03-{}AA", dice.chars(BASE64_URL, 93)),
        12 => summed("npm", dice.chars(BASE62, 30)),
        13 => format!("pypi-AgEIcHlwaS5vcmc{}", dice.chars(BASE64_URL, 70)),
        14 => format!("SG.{}.{}", dice.chars(BASE62, 22), dice.chars(BASE62, 43)),
        15 => format!("AIza{}", dice.chars(BASE62, 35)),
        16 => format!("hf_{}", dice.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 34)),
        17 => format!("dop_v1_{}", dice.chars(HEX, 64)),
        18 => format!("shpat_{}", dice.chars(HEX, 32)),
        19 => format!("hvs.{}", dice.chars(BASE62, 95)),
        20..23 => {
            format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{}.{}", dice.chars(BASE62, 60), dice.chars(BASE62, 43))
        }
        23 => {
            let lines: Vec<String> = (0..4).map(|_| dice.chars(BASE64, 64)).collect();
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", lines.join("\n"))
        }
        // What follows is told by a word nearby alone.
        24 => return cued(dice.chars(BASE64, 40)),
        25 => return cued(dice.chars(HEX, 32)),
        26 | 27 => return cued(dice.chars(BASE62, 32)),
        _ => return cued(dice.chars("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789!#%+", 14)),
    })
}

/// As GitHub and npm do: six digits of base 62 that hold the CRC-32.
fn summed(kind: &str, random: String) -> String {
    let mut rest = crc32(random.as_bytes()) as usize;
    let mut check = [0; 6];
    for digit in check.iter_mut().rev() {
        *digit = BASE62.as_bytes()[rest % 62];
        rest /= 62;
    }
    format!("{kind}_{random}{}", String::from_utf8_lossy(&check))
}
