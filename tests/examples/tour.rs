//! Takes the pictures of docs/tour.md: `cargo xtask tour` builds what this needs and runs it. With a word only those whose
//! names contain it. Nothing is written unless every step came to its page.

use color_quant::NeuQuant;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tsudoi_tests::Server;
use tsudoi_tests::browser::Driver;
use tsudoi_tests::tour::{BEGINS, STEPS};

/// Colours of a picture. More make it larger, and no clearer.
const COLOURS: usize = 192;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let at = Arc::new(Mutex::new("starting the demo"));
    let told = at.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let step = told.lock().map_or("a step", |step| *step);
        eprintln!("the step `{step}` failed: {panic}");
    }));
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let server = Server::beginning(BEGINS).await;
    let driver = Driver::start().await;
    let mut pictures = Vec::new();
    for step in STEPS.iter().filter(|step| step.picture.contains(&wanted)) {
        if let Ok(mut at) = at.lock() {
            *at = step.picture;
        }
        let window = driver.window(&server, step.place, step.size.0).await;
        pictures.push((step.picture, reduced(&step.take(&window).await)?));
        window.close().await;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images/tour");
    std::fs::create_dir_all(&folder)?;
    let named: BTreeSet<String> = STEPS.iter().map(|step| format!("{}.png", step.picture)).collect();
    for entry in std::fs::read_dir(&folder)? {
        let entry = entry?;
        if !named.contains(entry.file_name().to_string_lossy().as_ref()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    let mut sum = 0;
    for (name, bytes) in &pictures {
        std::fs::write(folder.join(format!("{name}.png")), bytes)?;
        println!("docs/images/tour/{name}.png  {} KB", bytes.len().div_ceil(1_000));
        sum += bytes.len();
    }
    println!("{} pictures, {} KB", pictures.len(), sum.div_ceil(1_000));
    Ok(())
}

/// The same picture with few colours, each named by one byte.
fn reduced(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or_else(|| anyhow::anyhow!("the picture is too large"))?];
    let info = reader.next_frame(&mut pixels)?;
    pixels.truncate(info.buffer_size());
    let colours = NeuQuant::new(3, COLOURS, &pixels);
    let indexed: Vec<u8> = pixels.chunks_exact(4).map(|pixel| u8::try_from(colours.index_of(pixel)).unwrap_or_default()).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours.color_map_rgb());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indexed)?;
    writer.finish()?;
    Ok(out)
}
