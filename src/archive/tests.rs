use super::*;
use crate::domain::{Cursor, FeedId, Private, Record, Site, SiteId, Timestamp};
use proptest::prelude::*;

/// A page that tells of `n` sites; different for each `n`.
fn page(n: u32) -> Page {
    let site = |i: u32| Site {
        id: SiteId::new(format!("site-{n}-{i}")),
        name: format!("Halle {i}").into(),
        zone: "Europe/London".into(),
    };
    Page {
        feed: FeedId::from("shop"),
        asked: Timestamp::from_millis(i64::from(n)),
        records: (0..n % 7 + 1).map(site).map(Record::Site).collect(),
        rejects: Vec::new(),
        private: Private::default(),
        cursor: Some(Cursor(n.to_string().into())),
        progress: None,
    }
}

fn read(archive: &Archive, from: Place) -> (Vec<Page>, Replayed) {
    let mut pages = Vec::new();
    let replayed = archive
        .replay::<ArchiveError>(from, &mut |page, _| {
            pages.push(page);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    (pages, replayed)
}

fn pages(range: std::ops::Range<u32>) -> Vec<Page> {
    range.map(page).collect()
}

/// An archive of the pages `0..count`; the offsets at which each ends.
fn filled(dir: &Path, count: u32, segment_bytes: u64) -> Vec<Place> {
    let (mut archive, torn) = Archive::open_with(dir, segment_bytes).unwrap();
    assert_eq!(torn, None);
    let mut ends = Vec::new();
    for n in 0..count {
        archive.append_later(&page(n)).unwrap();
        ends.push(archive.end());
    }
    archive.sync().unwrap();
    ends
}

#[test]
fn pages_come_back_in_order_over_segments_and_reopenings() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 30, 300);
    let (mut archive, torn) = Archive::open_with(dir.path(), 300).unwrap();
    assert_eq!(torn, None);
    archive.append(&page(30)).unwrap();
    assert!(segment::list(dir.path()).unwrap().len() > 3, "it rolled");
    let (all, replayed) = read(&archive, Place::START);
    assert_eq!(all, pages(0..31));
    assert_eq!(replayed, Replayed { pages: 31, damaged: vec![] });
    let on_disk: u64 = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(archive.bytes(), on_disk);
}

#[test]
fn a_replay_can_begin_at_a_place_and_break_off() {
    let dir = tempfile::tempdir().unwrap();
    let ends = filled(dir.path(), 12, 300);
    let (archive, _) = Archive::open_with(dir.path(), 300).unwrap();
    for (n, end) in ends.iter().enumerate() {
        assert_eq!(read(&archive, *end).0, pages(n as u32 + 1..12));
    }
    let mut seen = 0;
    let replayed = archive
        .replay::<ArchiveError>(Place::START, &mut |_, _| {
            seen += 1;
            Ok(if seen == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .unwrap();
    assert_eq!((seen, replayed.pages), (5, 5));
}

#[test]
fn a_damaged_page_is_named_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let ends = filled(dir.path(), 9, 1 << 20);
    let path = segment::path_of(dir.path(), 1);
    let whole = std::fs::read(&path).unwrap();
    let (begin, end) = (ends[3].offset as usize, ends[4].offset as usize);
    for at in begin..end {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        std::fs::write(&path, &bytes).unwrap();
        let (archive, torn) = Archive::open(dir.path()).unwrap();
        assert_eq!(torn, None, "byte {at}");
        let (read, replayed) = read(&archive, Place::START);
        assert_eq!(read, [pages(0..4), pages(5..9)].concat(), "byte {at}");
        assert_eq!(replayed.damaged.len(), 1, "byte {at}");
        assert_eq!(replayed.damaged[0].segment, path);
        assert_eq!(replayed.damaged[0].offset, begin as u64);
    }
}

#[test]
fn a_torn_tail_is_cut_off_at_every_byte_and_the_archive_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let ends = filled(dir.path(), 4, 1 << 20);
    let path = segment::path_of(dir.path(), 1);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let (mut archive, torn) = Archive::open(dir.path()).unwrap();
        let kept = ends.iter().filter(|end| end.offset <= length as u64).count();
        let end = if kept == 0 { 0 } else { ends[kept - 1].offset };
        let expected = (length as u64 > end).then(|| TornTail {
            segment: path.clone(),
            offset: end,
            bytes: length as u64 - end,
        });
        assert_eq!(torn, expected, "cut at {length}");
        archive.append(&page(77)).unwrap();
        let (read, replayed) = read(&archive, Place::START);
        assert_eq!(read, [pages(0..kept as u32), vec![page(77)]].concat(), "cut at {length}");
        assert_eq!(replayed.damaged, []);
    }
}

#[test]
fn a_page_of_an_unknown_schema_is_told_not_guessed() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), 1, 1 << 20);
    let path = segment::path_of(dir.path(), 1);
    let mut frame = std::fs::read(&path).unwrap();
    frame[12] = 9;
    let mut sum = crc32fast::Hasher::new();
    sum.update(&frame[12..]);
    frame[8..12].copy_from_slice(&sum.finalize().to_le_bytes());
    std::fs::write(&path, &frame).unwrap();
    let (archive, _) = Archive::open(dir.path()).unwrap();
    let (_, replayed) = read(&archive, Place::START);
    assert_eq!(replayed.damaged[0].reason, "it has schema 9, and this program knows 3");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_written_over_it_the_rest_is_read(
        at in 0usize..1200, garbage in proptest::collection::vec(any::<u8>(), 1..200)
    ) {
        let dir = tempfile::tempdir().unwrap();
        let ends = filled(dir.path(), 12, 1 << 20);
        let path = segment::path_of(dir.path(), 1);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at % (bytes.len() - garbage.len());
        bytes[at..at + garbage.len()].copy_from_slice(&garbage);
        std::fs::write(&path, &bytes).unwrap();
        let (archive, _) = Archive::open(dir.path()).unwrap();
        let (read, _) = read(&archive, Place::START);
        let mut begin = 0;
        for (n, end) in ends.iter().enumerate() {
            let end = end.offset as usize;
            if end <= at || begin >= at + garbage.len() {
                prop_assert!(read.contains(&page(n as u32)), "page {} is gone", n);
            }
            begin = end;
        }
    }
}
