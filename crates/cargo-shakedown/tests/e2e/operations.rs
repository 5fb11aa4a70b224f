//! Findings of stateful targets, by brute force: no operation of one can be left out, and no two.

use crate::project::Project;

/// A ring that grows wrongly, nested transactions of which one forgets, and handles that are reused.
const TARGETS: &str = r#"
#[cfg(test)]
mod operation_tests {
    use std::collections::{HashMap, VecDeque};

    #[derive(Debug, shakedown::Input)]
    pub enum Ring { Push(u8), Pop, Peek, Clear }

    #[shakedown::fuzz]
    fn ring(ops: &[Ring]) {
        let (mut slots, mut start, mut count) = (vec![0; 4], 0, 0);
        let mut model = VecDeque::new();
        for op in ops {
            match op {
                Ring::Push(value) => {
                    if count == slots.len() {
                        slots.resize(count * 2, 0);
                    }
                    let at = (start + count) % slots.len();
                    slots[at] = *value;
                    count += 1;
                    model.push_back(*value);
                }
                Ring::Pop if count > 0 => {
                    assert_eq!(model.pop_front(), Some(slots[start]));
                    (start, count) = ((start + 1) % slots.len(), count - 1);
                }
                Ring::Pop => {}
                Ring::Peek => {
                    let last = |count: usize| slots[(start + count - 1) % slots.len()];
                    assert_eq!(model.back().copied(), (count > 0).then(|| last(count)));
                }
                Ring::Clear => {
                    model.clear();
                    (start, count) = (0, 0);
                }
            }
        }
    }

    #[derive(Debug, shakedown::Input)]
    pub enum Step { Set(u8), Begin, Commit, Rollback }

    #[shakedown::fuzz]
    fn transactions(steps: &[Step]) {
        let (mut value, mut model) = (0, 0);
        let (mut saved, mut model_saved) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Set(to) => (value, model) = (*to, *to),
                Step::Begin => {
                    saved.push(value);
                    model_saved.push(model);
                }
                Step::Commit => {
                    saved.pop();
                    model_saved.pop();
                }
                Step::Rollback => {
                    value = saved.pop().unwrap_or(value);
                    model = model_saved.pop().unwrap_or(model);
                    if let [outer] = &mut saved[..] {
                        *outer = value;
                    }
                }
            }
            assert_eq!(value, model);
        }
    }

    use shakedown::stateful::{Earlier, Results, Stateful, run};

    #[derive(Debug, shakedown::Input)]
    pub enum Handle { Open(u8), Close(Earlier), Read(Earlier) }

    #[derive(Default)]
    struct Handles { slots: Vec<Option<u8>>, model: HashMap<usize, u8>, opened: usize }

    impl Stateful for Handles {
        type Op = Handle;
        type Output = (usize, usize);

        fn init() -> Self {
            Self::default()
        }

        fn apply(
            &mut self, op: &Handle, results: &mut Results<(usize, usize)>,
        ) -> Option<(usize, usize)> {
            match op {
                Handle::Open(byte) => {
                    let free = self.slots.iter().position(Option::is_none);
                    let slot = free.unwrap_or(self.slots.len());
                    if slot == self.slots.len() {
                        self.slots.push(None);
                    }
                    self.slots[slot] = Some(*byte);
                    self.opened += 1;
                    self.model.insert(self.opened, *byte);
                    Some((slot, self.opened))
                }
                Handle::Close(earlier) => {
                    let (slot, id) = *results.get(*earlier)?;
                    if self.model.remove(&id).is_some() {
                        self.slots[slot] = None;
                    }
                    None
                }
                Handle::Read(earlier) => {
                    let (slot, id) = *results.get(*earlier)?;
                    assert_eq!(self.slots[slot], self.model.get(&id).copied());
                    None
                }
            }
        }
    }

    #[shakedown::fuzz]
    fn handles(ops: &[Handle]) {
        run::<Handles>(ops);
    }
}
"#;

/// The elements of the list in a file of one argument, and what stands before and after them.
fn parts(file: &str) -> (&str, Vec<&str>, &str) {
    let (start, end) = (file.find('[').expect("a list") + 1, file.rfind(']').expect("its end"));
    let (mut depth, mut from, mut elements) = (0, start, Vec::new());
    for (at, char) in file[start..end].char_indices().map(|(at, char)| (start + at, char)) {
        match char {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                elements.push(file[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    elements.push(file[from..end].trim());
    (&file[..start], elements, &file[end..])
}

#[test]
fn no_operation_of_a_finding_is_one_too_many() {
    let project = Project::inline(TARGETS);
    let fuzz = ["fuzz", "--execs=200000", "--seed=1", "--jobs=1"];
    project.shakedown(&fuzz).exits(1);
    for target in ["ring", "transactions", "handles"] {
        let files = project.testdata(&format!("operation_tests::{target}"));
        assert!(!files.is_empty(), "{target} has a finding");
        for (number, file) in files.iter().enumerate() {
            let text = project.read(file);
            let (before, elements, after) = parts(&text);
            assert!(elements.len() > 2, "{target}: {text}");
            let folder = format!("fewer/{target}-{number}");
            for first in 0..elements.len() {
                for second in first..elements.len() {
                    let kept = elements.iter().enumerate();
                    let kept = kept.filter(|(at, _)| *at != first && *at != second);
                    let kept: Vec<&str> = kept.map(|(_, element)| *element).collect();
                    let fewer = format!("{before}{}{after}", kept.join(", "));
                    project.write(format!("{folder}/{first}-{second}"), fewer);
                }
            }
            let folder = project.path(folder);
            let path = folder.to_str().expect("a readable path");
            project.shakedown(&["replay", &format!("operation_tests::{target}"), path]).exits(0);
            let path = file.to_str().expect("a readable path");
            project.shakedown(&["replay", &format!("operation_tests::{target}"), path]).exits(1);
        }
    }
}
