// Package configuration keeps companies as a document: it reads one in YAML,
// says how it differs from what stands, and makes what stands agree with it.
//
// The types of Document are the one source of its form: the reader, the writer
// and the printed schema follow from their tags. What is not in a document is
// left alone. It must never write past the operations of the other aggregates,
// verify a domain, or put a secret into a document.
package configuration
