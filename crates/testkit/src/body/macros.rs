/// Makes a module of tests, one for each [`Case`](crate::body::Case), of a body-wrapping function.
///
/// ```
/// use llm_layers_testkit::{body::{Conformance, TestBody}, body_conformance};
///
/// fn wrap(body: TestBody) -> TestBody {
///     body
/// }
///
/// // A module `body_conformance` with twelve tests:
/// body_conformance!(wrap);
/// // A module with a name of its own, and settings:
/// body_conformance!(no_trailers = Conformance::new(wrap).trailers(false));
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! body_conformance {
    ($name:ident = $suite:expr) => {
        mod $name {
            #[allow(unused_imports, reason = "the suite may name all by full paths")]
            use super::*;
            use $crate::body::Case;

            #[test]
            fn empty() {
                ($suite).run_case(Case::Empty);
            }
            #[test]
            fn only_trailers() {
                ($suite).run_case(Case::OnlyTrailers);
            }
            #[test]
            fn one_frame() {
                ($suite).run_case(Case::OneFrame);
            }
            #[test]
            fn many_frames() {
                ($suite).run_case(Case::ManyFrames);
            }
            #[test]
            fn zero_length_frames() {
                ($suite).run_case(Case::ZeroLengthFrames);
            }
            #[test]
            fn trailers() {
                ($suite).run_case(Case::Trailers);
            }
            #[test]
            fn pending() {
                ($suite).run_case(Case::Pending);
            }
            #[test]
            fn error_at_once() {
                ($suite).run_case(Case::ErrorAtOnce);
            }
            #[test]
            fn error_midway() {
                ($suite).run_case(Case::ErrorMidway);
            }
            #[test]
            fn drop_unread() {
                ($suite).run_case(Case::DropUnread);
            }
            #[test]
            fn drop_midway() {
                ($suite).run_case(Case::DropMidway);
            }
            #[test]
            fn drop_pending() {
                ($suite).run_case(Case::DropPending);
            }
        }
    };
    ($wrap:expr) => {
        $crate::body_conformance!(body_conformance = $crate::body::Conformance::new($wrap));
    };
}
