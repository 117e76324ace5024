//! Bars of one line's height.

use super::super::theme::Glyphs;

/// A bar per value, the last `cells` values; what is above nothing is never drawn as nothing.
pub fn spark(values: &[f32], cells: usize, glyphs: &Glyphs) -> String {
    let from = values.len().saturating_sub(cells);
    let shown = values.get(from..).unwrap_or_default();
    let most = shown.iter().copied().fold(0.0_f32, f32::max);
    shown.iter().map(|value| bar(*value, most, glyphs)).collect()
}

/// One bar of a value among others of which the largest is `most`; zero is blank.
pub fn bar(value: f32, most: f32, glyphs: &Glyphs) -> &'static str {
    let levels = glyphs.spark.len();
    if value <= 0.0 || most <= 0.0 || levels == 0 || !value.is_finite() {
        return " ";
    }
    let level = (value / most * levels as f32).ceil() as usize;
    glyphs.spark.get(level.clamp(1, levels) - 1).copied().unwrap_or(" ")
}

/// As many values as there are cells, by adding up neighbours: a long series in a short line.
pub fn squeeze(values: &[f32], cells: usize) -> Vec<f32> {
    if cells == 0 || values.len() <= cells {
        return values.to_vec();
    }
    let each = values.len().div_ceil(cells);
    values.rchunks(each).rev().map(|part| part.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::theme::Theme;
    use super::*;

    #[test]
    fn bars_show_the_last_values_and_zero_is_blank() {
        let theme = Theme::built_in("dark", crate::tui::term::Depth::True, true).unwrap();
        assert_eq!(spark(&[9.0, 0.0, 4.0, 8.0], 3, theme.glyphs()), " ▄█");
        assert_eq!(spark(&[0.01, 100.0], 5, theme.glyphs()), "▁█");
        assert_eq!(spark(&[], 5, theme.glyphs()), "");
        assert_eq!(spark(&[f32::NAN, 1.0], 5, theme.glyphs()), " █");
    }

    #[test]
    fn a_long_series_is_added_up_from_its_end() {
        assert_eq!(squeeze(&[1.0, 2.0, 3.0, 4.0, 5.0], 3), [1.0, 5.0, 9.0]);
        assert_eq!(squeeze(&[1.0], 3), [1.0]);
    }
}
