//! A price as a row has it.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::amount::as_written;
use super::meter::Meter;
use super::sheet::{Rates, Sheet};
use super::{Price, Service, ServiceTier};
use crate::hours::Hours;

/// As `price` in a row, with discounts worked in: it reads back as the same price. A step names what is another than in
/// the one below it.
impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.standard.write(&mut map)?;
        for tier in [ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority] {
            if let Some(service) = self.other(tier) {
                map.serialize_entry(tier.name(), service)?;
            }
        }
        if let Some(capacity) = &self.capacity {
            map.serialize_entry("committed", &capacity.committed())?;
        }
        map.end()
    }
}

impl Service {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.sheet.write(map)?;
        if self.windows.is_empty() {
            return Ok(());
        }
        let windows: Vec<_> = self.windows.iter().map(|(hours, sheet)| Window { hours, sheet }).collect();
        map.serialize_entry("off_peak", &windows)
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

struct Window<'a> {
    hours: &'a Hours,
    sheet: &'a Sheet,
}

impl Serialize for Window<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.hours.write(&mut map)?;
        self.sheet.write(&mut map)?;
        map.end()
    }
}

impl Sheet {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let shortest = self.named(0);
        write_amounts(map, shortest, None)?;
        let mut below = shortest;
        let mut above = Vec::new();
        for (beyond, named) in self.longer() {
            above.push(Above { beyond, named, below });
            below = named;
        }
        if above.is_empty() { Ok(()) } else { map.serialize_entry("above", &above) }
    }
}

struct Above<'a> {
    beyond: u64,
    named: &'a Rates,
    below: &'a Rates,
}

impl Serialize for Above<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("tokens", &self.beyond)?;
        write_amounts(&mut map, self.named, Some(self.below))?;
        map.end()
    }
}

/// The amounts that are named, but for those that are as below.
fn write_amounts<M: SerializeMap>(map: &mut M, named: &Rates, below: Option<&Rates>) -> Result<(), M::Error> {
    for meter in Meter::ALL {
        let rate = |rates: &Rates| rates.get(meter as usize).copied().flatten();
        if let Some(known) = rate(named)
            && below.and_then(rate) != Some(known)
        {
            map.serialize_entry(meter.name(), &as_written(known, meter).to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Price;
    use crate::price::PriceRow;
    use crate::{Catalogue, Model};

    fn read_back(price: &Price) -> Price {
        let row: PriceRow = serde_json::from_str(&serde_json::to_string(price).unwrap()).unwrap();
        Price::new(&row).unwrap()
    }

    /// A price with capacity has its own state in it, and none of the rows has any.
    #[test]
    fn every_price_of_the_catalogue_reads_back_as_the_same() {
        let mut with_windows = 0;
        for model in Catalogue::builtin().models() {
            let Some(price) = &model.price else { continue };
            with_windows += usize::from(price.has_off_peak());
            assert_eq!(format!("{:?}", read_back(price)), format!("{price:?}"), "{}/{}", model.provider, model.id);
        }
        assert!(with_windows > 0);
    }

    #[test]
    fn tiers_within_tiers_are_written_as_they_are_billed() {
        let row = r#"{
            "input":"2","output":"8","discount":"0.5","above":[{"tokens":200000,"input":"4"}],
            "batch":{"discount":"0.5","off_peak":[{"zone":"Europe/Berlin","days":["sat"],"from":"22:00","to":"06:00","output":"1"}]},
            "committed":{"input_per_minute":7}
        }"#;
        let price = Price::new(&serde_json::from_str(row).unwrap()).unwrap();
        let written: serde_json::Value = serde_json::to_value(&price).unwrap();
        let expected = serde_json::json!({
            "input": "1", "output": "4", "above": [{ "tokens": 200_000, "input": "2" }],
            "batch": {
                "input": "0.5", "output": "2", "above": [{ "tokens": 200_000, "input": "1" }],
                "off_peak": [{
                    "zone": "Europe/Berlin", "days": ["sat"], "from": "22:00", "to": "06:00",
                    "input": "0.5", "output": "0.5", "above": [{ "tokens": 200_000, "input": "1" }],
                }],
            },
            "committed": { "input_per_minute": 7, "output_per_minute": 0 },
        });
        assert_eq!(written, expected);
        assert_eq!(serde_json::to_value(read_back(&price)).unwrap(), written);
    }

    #[test]
    fn a_model_is_written_as_its_row() {
        let row = r#"{"id":"m","price":{"input":"1"},"tier":"small","tier_source":"https://a.example","kind":"embedding","capabilities":["tools"],"regions":["eu"],"deprecated":"2027-01-02","source":"https://a.example","date":"2026-11-12"}"#;
        let mut written = serde_json::to_value(Model::read("p", row).unwrap()).unwrap();
        let members = written.as_object_mut().unwrap();
        assert_eq!(members.remove("provider").unwrap(), "p");
        members.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(row).unwrap());
    }
}
