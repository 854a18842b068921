//! Templates, Markdown, sanitiser, translations and theme look-up; data in, text out.
