//! Images that were uploaded, for the activities that show them.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::config::{self, Object, Setting};
use crate::error::{Refusal, excerpt, invalid_at};
use crate::protocol::upload::FilePart;

/// How many images are known. The oldest are forgotten first.
const CAPACITY: usize = 10_000;
/// Documented: 2 MB, and 200 kB for deliveries.
const LARGEST: usize = 2 * 1024 * 1024;
const LARGEST_OF_DELIVERIES: usize = 200 * 1024;
/// Documented: the endings of the names.
const SUFFIXES: [&str; 4] = ["png", "jpg", "jpeg", "bmp"];
/// What such files begin with.
const BEGINNINGS: [&[u8]; 3] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM"];

/// Documented: which `file_key` each field takes an image of.
const FIELDS: [(&Setting, &str); 3] = [
    (&config::LOGO, "PROMO_BRAND_LOGO"),
    (&config::IMAGE, "PROMO_VOUCHER_IMAGE"),
    (&config::DETAIL_IMAGES, "PROMO_VOUCHER_DETAIL_IMAGE"),
];

/// The `file_key` of each image, by its id. The content is not kept.
#[derive(Debug, Default)]
pub(crate) struct Images {
    keys: HashMap<String, String>,
    by_age: VecDeque<String>,
}

impl Images {
    pub(crate) fn keep(&mut self, id: &str, file_key: &str) {
        if self.keys.len() >= CAPACITY
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.keys.remove(&oldest);
        }
        self.keys.insert(id.to_owned(), file_key.to_owned());
        self.by_age.push_back(id.to_owned());
    }

    /// Documented: an activity names its images by the ids that the upload returned. Inferred: any other id is
    /// refused, and the code.
    pub(crate) fn check(&self, config: &Object) -> Result<(), Refusal> {
        for (setting, wanted) in FIELDS {
            let Some((value, path)) = setting.find(config) else { continue };
            let ids = match value {
                Value::Array(ids) => ids.as_slice(),
                id => std::slice::from_ref(id),
            };
            for id in ids.iter().filter_map(Value::as_str) {
                match self.keys.get(id) {
                    Some(key) if key == wanted => {}
                    Some(key) => {
                        let message = format!(
                            "`{path}` takes an image that was uploaded with `file_key` {wanted}; this one was \
                             uploaded with {}",
                            excerpt(key),
                        );
                        return invalid_at(path, message);
                    }
                    None => {
                        let message = format!(
                            "`{path}` is no `resource_id` of an image that was uploaded here; upload it with \
                             `file_key` {wanted} first"
                        );
                        return invalid_at(path, message);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The part of an upload that has the image.
pub(super) const FILE: &str = "file_content";

/// Checks an image that is uploaded. Which code is for which mistake is inferred from the names.
pub(super) fn check(file: &FilePart, file_key: &str) -> Result<(), Refusal> {
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    if !ending.is_some_and(|ending| SUFFIXES.contains(&ending.as_str())) {
        let endings = SUFFIXES.join(", ");
        return Err(Refusal::business(
            "PIC_SUFFIX_ILLEGAL",
            format!("the name of the file must end with one of {endings}"),
        )
        .at(FILE));
    }
    let delivery = matches!(file_key, "PUBLIC_UNION_CHANNEL_PIC" | "DELIVERY_CHANNEL_PIC");
    let largest = if delivery { LARGEST_OF_DELIVERIES } else { LARGEST };
    if file.content.len() > largest {
        let size = file.content.len();
        return Err(Refusal::business(
            "FILE_SIZE_OUT_OF_RANGE",
            format!("the image has {size} bytes; {largest} are allowed for this `file_key`"),
        )
        .at(FILE));
    }
    if !BEGINNINGS.iter().any(|beginning| file.content.starts_with(beginning)) {
        let message = "the file is no png, jpg or bmp image";
        return Err(Refusal::business("FILE_TYPE_ERROR", message).at(FILE));
    }
    Ok(())
}

/// Adds the links of the images to a configuration in the newer style. Secondary: that query returns them.
pub(super) fn show(config: &mut Object) {
    let Some(Value::Object(display)) = config.get_mut(config::DISPLAY) else { return };
    for (name, link) in [("brand_logo", "brand_logo_url"), ("voucher_image", "voucher_image_url")] {
        if let Some(id) = display.get(name).and_then(Value::as_str) {
            let url = url(id);
            display.insert(link.to_owned(), url.into());
        }
    }
    if let Some(Value::Array(ids)) = display.get("voucher_detail_images") {
        let urls = ids.iter().filter_map(Value::as_str).map(url).collect();
        display.insert("voucher_detail_image_urls".to_owned(), urls);
    }
}

/// Where an image would be shown: this gateway does not keep its content, and nothing answers there.
pub(super) fn url(id: &str) -> String {
    format!("https://alipay-mock.invalid/images/{id}")
}
