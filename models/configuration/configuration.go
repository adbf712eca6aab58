package configuration

import (
	"io/fs"

	"locum/models/federation"
	"locum/models/secret"
	"locum/models/store"
)

// purpose is the name of the transactions of this package, and the reason that
// versions of connectors get.
const purpose = "configuration as code"

// Configuration compares documents with what stands, and applies them.
type Configuration struct {
	Store *store.Store
	// Operator is who runs the command at the operating system: he stands in
	// every event that applying leaves.
	Operator string
	// Words say what the domain found wrong.
	Words Words
	// Describe reads the metadata of an identity provider.
	Describe func(document []byte) (federation.Provider, error)
	// Files is the folder of the document, for metadata in files of its own.
	Files fs.FS
	// Keys opens the installation's keys. It is called only where a connection
	// has to be made.
	Keys func() (*secret.Keys, error)
}
