//! fatfs=0.3.5: arithmetic overflow checking the boot sector (rafalh/rust-fatfs#56).

use std::io::Cursor;
pub fn target(data: &[u8]) {
    // the file system is opened read-write, so it gets a copy
    let fs = fatfs::FileSystem::new(Cursor::new(data.to_vec()), fatfs::FsOptions::new());
    if let Ok(fs) = &fs {
        let _ = fs.stats();
        for e in fs.root_dir().iter().take(100) {
            if let Ok(e) = e {
                let _ = e.len();
            } else {
                break;
            }
        }
    }
}
