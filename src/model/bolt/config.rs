//! `config.json` of a Chronos-Bolt checkpoint, read and checked field by field.

use crate::model::ModelError;
use serde_json::{Map, Value};

/// The architecture that is run here, as `config.json` names it.
const ARCHITECTURE: &str = "ChronosBoltModelForForecasting";
/// The levels that the model answers for.
pub(super) const DECILES: [f32; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/// Sizes beyond these are no model that anybody has published, and would not fit into memory.
const WIDEST: usize = 65_536;
const DEEPEST: usize = 512;
/// The section with what concerns series.
const SERIES: &str = "chronos_config";

/// Sizes and constants of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Config {
    /// Most recent steps that are looked at.
    pub context: usize,
    /// Steps answered for in one pass.
    pub steps: usize,
    /// Steps in a patch.
    pub patch: usize,
    /// Width of a token.
    pub width: usize,
    /// Width of each attention head.
    pub head_width: usize,
    /// Width of the feed-forward layers.
    pub hidden: usize,
    /// Blocks of the encoder.
    pub encoder_blocks: usize,
    /// Blocks of the decoder.
    pub decoder_blocks: usize,
    /// Attention heads.
    pub heads: usize,
    /// Buckets of relative distance, both directions together.
    pub buckets: usize,
    /// Distance from which on all are alike.
    pub far: usize,
    /// What keeps a norm from dividing by zero.
    pub epsilon: f32,
    /// Row of the shared embedding that starts the decoder.
    pub start_row: usize,
    /// Row of the shared embedding that ends the encoder's tokens.
    pub reg_row: usize,
}

impl Config {
    /// Reads `config.json`; `file` names it in errors.
    pub(super) fn from_json(file: &str, text: &[u8]) -> Result<Self, ModelError> {
        let whole: Value = serde_json::from_slice(text)
            .map_err(|error| refused(file, "config", format!("no JSON ({error})")))?;
        let model = Fields::of(file, "", &whole)?;
        model.check_architecture()?;
        let series = Fields::of(file, SERIES, model.needed(SERIES)?)?;
        let patch = series.size("input_patch_size")?;
        series.is("input_patch_stride", series.needed("input_patch_stride")?, patch)?;
        series.is("use_reg_token", series.needed("use_reg_token")?, true)?;
        series.check_levels()?;
        for field in ["dense_act_fn", "feed_forward_proj"] {
            if let Some(value) = model.given(field) {
                model.is(field, value, "relu")?;
            }
        }
        if let Some(value) = model.given("is_gated_act") {
            model.is("is_gated_act", value, false)?;
        }
        let config = Self {
            context: series.size("context_length")?,
            steps: series.size("prediction_length")?,
            patch,
            width: model.size("d_model")?,
            head_width: model.size("d_kv")?,
            hidden: model.size("d_ff")?,
            encoder_blocks: model.blocks("num_layers")?,
            decoder_blocks: model.blocks("num_decoder_layers")?,
            heads: model.size("num_heads")?,
            buckets: model.size_or("relative_attention_num_buckets", 32)?,
            far: model.size_or("relative_attention_max_distance", 128)?,
            epsilon: model.epsilon()?,
            start_row: model.row("decoder_start_token_id", 0)?,
            reg_row: model.row("reg_token_id", 1)?,
        };
        model.check_buckets(&config)?;
        Ok(config)
    }

    /// Width of all heads together; it need not be that of a token.
    pub(super) fn inner(&self) -> usize {
        self.heads * self.head_width
    }
}

/// A section of the file.
struct Fields<'a> {
    file: &'a str,
    section: &'a str,
    values: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn of(file: &'a str, section: &'a str, value: &'a Value) -> Result<Self, ModelError> {
        let name = if section.is_empty() { "config" } else { section };
        let values = value
            .as_object()
            .ok_or_else(|| refused(file, name, "an object of fields is needed".into()))?;
        Ok(Self { file, section, values })
    }

    fn refused(&self, field: &str, reason: String) -> ModelError {
        match self.section {
            "" => refused(self.file, field, reason),
            section => refused(self.file, &format!("{section}.{field}"), reason),
        }
    }

    /// A field that is there; T5's own files leave those at their defaults out, or write null.
    fn given(&self, field: &str) -> Option<&'a Value> {
        self.values.get(field).filter(|value| !value.is_null())
    }

    fn needed(&self, field: &str) -> Result<&'a Value, ModelError> {
        self.given(field).ok_or_else(|| self.refused(field, "missing".into()))
    }

    fn size(&self, field: &str) -> Result<usize, ModelError> {
        self.up_to(WIDEST, field, self.needed(field)?)
    }

    fn size_or(&self, field: &str, usual: usize) -> Result<usize, ModelError> {
        self.given(field).map_or(Ok(usual), |value| self.up_to(WIDEST, field, value))
    }

    fn blocks(&self, field: &str) -> Result<usize, ModelError> {
        self.up_to(DEEPEST, field, self.needed(field)?)
    }

    fn up_to(&self, most: usize, field: &str, value: &Value) -> Result<usize, ModelError> {
        match value.as_u64().and_then(|size| usize::try_from(size).ok()) {
            Some(size) if (1..=most).contains(&size) => Ok(size),
            _ => Err(self.refused(field, format!("{value} where 1 to {most} is needed"))),
        }
    }

    /// Refuses any value but one.
    fn is(&self, field: &str, value: &Value, wanted: impl Into<Value>) -> Result<(), ModelError> {
        let wanted = wanted.into();
        if *value == wanted {
            return Ok(());
        }
        Err(self.refused(field, format!("{value} where {wanted} is run")))
    }

    fn row(&self, field: &str, usual: usize) -> Result<usize, ModelError> {
        match self.given(field) {
            None => Ok(usual),
            Some(value) => match value.as_u64() {
                Some(0) => Ok(0),
                Some(1) => Ok(1),
                _ => Err(self.refused(field, format!("{value} where 0 or 1 is needed"))),
            },
        }
    }

    fn epsilon(&self) -> Result<f32, ModelError> {
        const FIELD: &str = "layer_norm_epsilon";
        let Some(value) = self.given(FIELD) else { return Ok(1e-6) };
        match value.as_f64() {
            Some(epsilon) if epsilon > 0.0 && epsilon < 1.0 => Ok(epsilon as f32),
            _ => Err(self.refused(FIELD, format!("{value} where a number from 0 to 1 is needed"))),
        }
    }

    fn check_architecture(&self) -> Result<(), ModelError> {
        const FIELD: &str = "architectures";
        let named = self.needed(FIELD)?.as_array().and_then(|all| all.first());
        match named.and_then(Value::as_str) {
            Some(ARCHITECTURE) => Ok(()),
            Some(other) => {
                Err(self.refused(FIELD, format!("“{other}” where {ARCHITECTURE} is run")))
            }
            None => Err(self.refused(FIELD, "a list of names is needed".into())),
        }
    }

    fn check_levels(&self) -> Result<(), ModelError> {
        const FIELD: &str = "quantiles";
        let levels = self.needed(FIELD)?.as_array().map(Vec::as_slice).unwrap_or_default();
        let near = |(level, wanted): (&Value, &f32)| {
            level.as_f64().is_some_and(|level| (level - f64::from(*wanted)).abs() < 1e-4)
        };
        if levels.len() == DECILES.len() && levels.iter().zip(&DECILES).all(near) {
            return Ok(());
        }
        Err(self.refused(FIELD, "0.1, 0.2, ... 0.9 are needed".into()))
    }

    /// Half of the buckets are of one direction, half of those for single distances.
    fn check_buckets(&self, config: &Config) -> Result<(), ModelError> {
        if !config.buckets.is_multiple_of(4) {
            let reason = format!("{} where a multiple of 4 is needed", config.buckets);
            return Err(self.refused("relative_attention_num_buckets", reason));
        }
        if config.far <= config.buckets / 4 {
            let reason = format!("{} where more than {} is needed", config.far, config.buckets / 4);
            return Err(self.refused("relative_attention_max_distance", reason));
        }
        Ok(())
    }
}

fn refused(file: &str, field: &str, reason: String) -> ModelError {
    ModelError::Refused { file: file.to_owned(), field: field.to_owned(), reason }
}
