package demo

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// readKept reads what an earlier run left in a file. found is false where there
// is none, or no file is kept at all.
func readKept(file string, into any) (found bool, err error) {
	if file == "" {
		return false, nil
	}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(content, into)
	}
	return err == nil, err
}

// writeKept leaves something for the next run. Without a file it does nothing.
func writeKept(file string, state any) error {
	if file == "" {
		return nil
	}
	content, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}
