//! Where a training stands. It has its own lines at the foot of the screen, and draws nowhere else.

use super::super::super::canvas::Canvas;
use super::super::Scene;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, _scene: &Scene<'_>) {
    let text = "`stockdeck train finetune` learns from this store's own demand";
    canvas.head(1, 0, "TRAINING", text);
}
