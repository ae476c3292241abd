//! A set of names, each kept once and known by a number: what an import remembers of a file.

/// Number of a name.
pub(super) type NameId = u32;

/// The form in which names are compared: case does not count (RFC 7643 section 4.1.1 for
/// `userName`; display names of groups are treated alike).
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_lowercase)
}

/// Whether two names are the same.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    match a.is_ascii() && b.is_ascii() {
        true => a.eq_ignore_ascii_case(b),
        false => folded(a).eq(folded(b)),
    }
}

/// All names one after the other, and an open-addressing table over them: exact, and 8 to 12 bytes
/// a name beside its text. A `HashMap<String, u32>` takes five times as much.
#[derive(Debug, Default)]
pub(super) struct Names {
    text: String,
    ends: Vec<u32>,
    /// `0` or the number of a name plus 1. The length is a power of two, at most half full.
    slots: Vec<NameId>,
}

impl Names {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all names.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn get(&self, id: NameId) -> &str {
        let index = id as usize;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    pub(super) fn find(&self, name: &str) -> Option<NameId> {
        let (_, slot) = self.probe(name)?;
        slot.checked_sub(1)
    }

    /// The number of a name, new or not.
    pub(super) fn insert(&mut self, name: &str) -> NameId {
        if (self.ends.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let Some((index, slot)) = self.probe(name) else { return 0 };
        if let Some(id) = slot.checked_sub(1) {
            return id;
        }
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
        let number = self.ends.len() as NameId;
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = number;
        }
        number - 1
    }

    /// The slot where a name is or would be. `None` only while there are no slots.
    fn probe(&self, name: &str) -> Option<(usize, NameId)> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut index = hash(name) as usize & mask;
        loop {
            let slot = *self.slots.get(index)?;
            match slot.checked_sub(1) {
                Some(id) if !same_name(self.get(id), name) => index = (index + 1) & mask,
                _ => return Some((index, slot)),
            }
        }
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(16);
        let mask = length - 1;
        let mut slots = vec![0; length];
        for id in 0..self.ends.len() as NameId {
            let mut index = hash(self.get(id)) as usize & mask;
            while slots.get(index).is_some_and(|slot| *slot != 0) {
                index = (index + 1) & mask;
            }
            if let Some(slot) = slots.get_mut(index) {
                *slot = id + 1;
            }
        }
        self.slots = slots;
    }
}

/// FNV-1a over the folded characters, with the high bits mixed into the low ones that are used.
fn hash(name: &str) -> u64 {
    let mix = |hash: u64, character: u32| (hash ^ u64::from(character)).wrapping_mul(0x0000_0100_0000_01B3);
    let start = 0xCBF2_9CE4_8422_2325;
    let hash = match name.is_ascii() {
        true => name.bytes().fold(start, |hash, byte| mix(hash, byte.to_ascii_lowercase().into())),
        false => folded(name).fold(start, |hash, character| mix(hash, character.into())),
    };
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_once_without_regard_to_case() {
        let mut names = Names::default();
        assert_eq!(names.find("ada"), None);
        for round in 0..2 {
            for number in 0..10_000_u32 {
                let name = if round == 0 { format!("User{number}@x") } else { format!("uSER{number}@X") };
                assert_eq!(names.insert(&name), number);
            }
        }
        assert_eq!((names.len(), names.get(17)), (10_000, "User17@x"));
        assert_eq!(names.find("USER9999@x"), Some(9_999));
        assert_eq!(names.find("user10000@x"), None);
        let number = names.insert("Łukasz");
        assert_eq!(names.insert("ŁUKASZ"), number);
        // A sign that is not ASCII and whose small letter is.
        assert_eq!(names.insert("\u{212A}"), names.insert("k"));
    }
}
