"""Door to memory: the journal, its one writer, and its readers."""

from tocsin.keep.chain import Head
from tocsin.keep.journal import Journal
from tocsin.keep.reader import JournalReader
from tocsin.keep.writer import JournalHealth, JournalWriter

__all__ = ["Head", "Journal", "JournalHealth", "JournalReader", "JournalWriter"]
