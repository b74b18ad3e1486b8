//! What llm-layers costs: criterion benches of the hot paths in `benches/`, the load comparison in `src/bin/`.
