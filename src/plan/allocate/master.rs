//! A linear program that grows by columns: the primal simplex method with a dense inverse of the basis,
//! fit for some hundred rows.

/// Below this a step of a pivot counts as none.
const ZERO: f64 = 1e-7;
/// A column pays when it saves more than this.
const PAYS: f64 = 1e-6;
/// After so many pivots the inverse is worked out anew, so that errors do not add up.
const RENEW: usize = 400;

/// What a column uses of the rows, and what it costs.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// What it costs.
    pub(super) cost: f64,
    /// Row and amount.
    pub(super) rows: Vec<(usize, f64)>,
}

/// Columns in shares of zero and above that fill all rows exactly, at the least cost.
pub(super) struct Master {
    height: usize,
    columns: Vec<Column>,
    right: Vec<f64>,
    /// By row, the column in the basis and its share.
    basis: Vec<usize>,
    values: Vec<f64>,
    in_basis: Vec<bool>,
    /// Row by row.
    inverse: Vec<f64>,
    duals: Vec<f64>,
    /// Since the inverse was worked out.
    pivots: usize,
    /// Multiplications, by and large: a measure of work that is the same on every machine.
    pub(super) work: u64,
    step: Vec<f64>,
    pivot_row: Vec<f64>,
}

impl Master {
    /// A program whose first basis is one column for each row, which has a one there and nothing else.
    pub(super) fn new(costs: Vec<f64>, right: Vec<f64>) -> Self {
        let height = right.len();
        let columns: Vec<Column> = (costs.into_iter().enumerate())
            .map(|(row, cost)| Column { cost, rows: vec![(row, 1.0)] })
            .collect();
        let mut master = Master {
            height,
            in_basis: vec![true; columns.len()],
            columns,
            values: right.clone(),
            right,
            basis: (0..height).collect(),
            inverse: identity(height),
            duals: vec![0.0; height],
            pivots: 0,
            work: 0,
            step: vec![0.0; height],
            pivot_row: vec![0.0; height],
        };
        master.reprice();
        master
    }
    /// Adds a column; its number comes back.
    pub(super) fn add(&mut self, column: Column) -> usize {
        self.in_basis.push(false);
        self.columns.push(column);
        self.columns.len() - 1
    }
    /// Gives a column another cost; prices are wrong until [`Self::reprice`].
    pub(super) fn set_cost(&mut self, column: usize, cost: f64) {
        self.columns[column].cost = cost;
    }
    /// What one more of each row would cost.
    pub(super) fn duals(&self) -> &[f64] {
        &self.duals
    }
    /// The columns of the basis and their shares.
    pub(super) fn shares(&self) -> impl Iterator<Item = (usize, f64)> {
        self.basis.iter().copied().zip(self.values.iter().copied())
    }

    /// Works the prices out anew.
    pub(super) fn reprice(&mut self) {
        self.duals.fill(0.0);
        for (row, &column) in self.basis.iter().enumerate() {
            let cost = self.columns[column].cost;
            if cost != 0.0 {
                let inverse = &self.inverse[row * self.height..(row + 1) * self.height];
                for (dual, value) in self.duals.iter_mut().zip(inverse) {
                    *dual += cost * value;
                }
            }
        }
        self.work += (self.height * self.height) as u64;
    }

    /// Pivots until no column pays, `most` times at most; whether that was enough.
    pub(super) fn solve(&mut self, most: usize) -> bool {
        for _ in 0..most {
            let Some((entering, saves)) = self.entering() else { return true };
            self.step_of(entering);
            let Some(leaving) = self.leaving() else { return true };
            let amount = self.values[leaving] / self.step[leaving];
            for (value, step) in self.values.iter_mut().zip(&self.step) {
                *value = (*value - amount * step).max(0.0);
            }
            self.values[leaving] = amount;
            self.pivot(leaving);
            for (dual, value) in self.duals.iter_mut().zip(&self.pivot_row) {
                *dual -= saves * value;
            }
            self.in_basis[self.basis[leaving]] = false;
            self.in_basis[entering] = true;
            self.basis[leaving] = entering;
            self.pivots += 1;
            if self.pivots >= RENEW {
                self.renew();
            }
        }
        false
    }

    /// The column that saves most a unit, and how much.
    fn entering(&mut self) -> Option<(usize, f64)> {
        let mut best = None;
        let mut most = PAYS;
        for (index, column) in self.columns.iter().enumerate() {
            if self.in_basis[index] {
                continue;
            }
            let worth: f64 =
                column.rows.iter().map(|&(row, amount)| self.duals[row] * amount).sum();
            if worth - column.cost > most {
                most = worth - column.cost;
                best = Some((index, most));
            }
        }
        self.work += 4 * self.columns.len() as u64;
        best
    }

    /// How the basis changes with a unit of a column.
    fn step_of(&mut self, column: usize) {
        let rows = &self.columns[column].rows;
        for (step, inverse) in self.step.iter_mut().zip(self.inverse.chunks_exact(self.height)) {
            *step = rows.iter().map(|&(row, amount)| amount * inverse[row]).sum();
        }
        self.work += (4 * self.height) as u64;
    }

    /// The row that is empty first; of several the one with the largest step.
    fn leaving(&self) -> Option<usize> {
        let mut leaving: Option<usize> = None;
        let mut least = f64::INFINITY;
        for row in 0..self.height {
            let step = self.step[row];
            if step > ZERO {
                let ratio = self.values[row] / step;
                let tie = ratio < least + 1e-10;
                if ratio < least - 1e-10 || tie && leaving.is_none_or(|it| step > self.step[it]) {
                    least = least.min(ratio);
                    leaving = Some(row);
                }
            }
        }
        leaving
    }

    /// Makes the step's column a one in a row and zero elsewhere.
    fn pivot(&mut self, at: usize) {
        let height = self.height;
        let by = self.step[at];
        let row = &mut self.inverse[at * height..(at + 1) * height];
        for (kept, value) in self.pivot_row.iter_mut().zip(row) {
            *value /= by;
            *kept = *value;
        }
        for (index, inverse) in self.inverse.chunks_exact_mut(height).enumerate() {
            let factor = self.step[index];
            if index != at && factor != 0.0 {
                self.work += height as u64;
                for (value, pivot) in inverse.iter_mut().zip(&self.pivot_row) {
                    *value -= factor * pivot;
                }
            }
        }
    }

    /// Works the inverse out anew.
    fn renew(&mut self) {
        self.pivots = 0;
        self.inverse = identity(self.height);
        let mut columns = std::mem::take(&mut self.basis);
        columns.sort_unstable_by_key(|&column| (self.columns[column].rows.len(), column));
        let mut basis = vec![usize::MAX; self.height];
        for column in columns {
            self.step_of(column);
            let free = (0..self.height).filter(|&row| basis[row] == usize::MAX);
            let size = |row: usize| self.step[row].abs();
            let Some(row) = free.max_by(|&a, &b| size(a).total_cmp(&size(b))) else { break };
            self.pivot(row);
            basis[row] = column;
        }
        self.basis = basis;
        for (value, inverse) in self.values.iter_mut().zip(self.inverse.chunks_exact(self.height)) {
            *value = inverse.iter().zip(&self.right).map(|(a, b)| a * b).sum::<f64>().max(0.0);
        }
        self.reprice();
    }
}

fn identity(height: usize) -> Vec<f64> {
    let mut all = vec![0.0; height * height];
    for value in all.iter_mut().step_by(height + 1) {
        *value = 1.0;
    }
    all
}
