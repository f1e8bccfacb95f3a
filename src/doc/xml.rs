//! XML documents: quick-xml as the tokenizer, positions of what matters, edits as spans.
