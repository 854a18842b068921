//! Memory and tables of one store, summed: a component with many memories gets no more than one with a single memory.

use crate::limits::Limits;
use wasmtime::ResourceLimiter;

#[derive(Debug)]
pub struct MemoryLimiter {
    used: usize,
    /// What was asked for last, to be given back where growing fails after it was allowed.
    asked: usize,
    most: usize,
    table_elements: usize,
    instances: usize,
    tables: usize,
    memories: usize,
    /// What was refused, for the message: a guest that gets no memory dies of something else a moment later.
    refused: Option<&'static str>,
}

impl MemoryLimiter {
    pub fn new(limits: &Limits) -> Self {
        Self {
            used: 0,
            asked: 0,
            most: limits.memory_bytes,
            table_elements: limits.table_elements,
            instances: limits.instances,
            tables: limits.tables,
            memories: limits.memories,
            refused: None,
        }
    }

    pub fn refused(&self) -> Option<&'static str> {
        self.refused
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        if self.used.saturating_add(more) > self.most {
            self.refused = Some("memory");
            return Ok(false);
        }
        self.used += more;
        self.asked = more;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.used -= std::mem::take(&mut self.asked);
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.table_elements;
        if !fits {
            self.refused = Some("table elements");
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_memories_share_one_limit() {
        let mut limiter = MemoryLimiter::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert_eq!(limiter.refused(), Some("memory"));
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        limiter.memory_grow_failed(wasmtime::Error::msg("no")).unwrap();
        assert!(limiter.memory_growing(60, 100, None).unwrap());
    }
}
