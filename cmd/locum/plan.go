package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"locum/handlers/saml"
	"locum/models/access"
	"locum/models/configuration"
	"locum/models/federation"
	"locum/models/secret"
	"locum/models/store"
	"locum/views/i18n"
)

// differs is the exit code of a plan that would change something. It is 1 for
// everything that goes wrong there, a misunderstood command too, so that a
// script can tell.
const differs = 2

type plan struct {
	database `embed:""`
	File     string `arg:"" optional:"" placeholder:"FILE" help:"The document to compare with what stands."`
	Prune    bool   `help:"Also show the removal of domains, connectors and applications in use that a list of the document does not name."`
	Schema   bool   `help:"Describe every key of a document in Markdown, and stop."`

	out io.Writer // standard output when nil
}

// Run says how a document differs from what stands. The exit code is 0 when
// nothing does, and 2 when something would change.
func (p *plan) Run(ctx context.Context) error {
	to := orStandardOutput(p.out)
	if p.Schema {
		_, err := fmt.Fprint(to, configuration.Schema())
		return err
	}
	document, c, done, err := p.configured(ctx, p.File)
	if err != nil {
		return err
	}
	defer done()
	planned, err := c.Plan(ctx, document, p.Prune)
	if err != nil {
		return unfinished(ctx, err)
	}
	planned.Print(to)
	if !planned.Empty() {
		return exit(differs)
	}
	return nil
}

// unfinished makes sure that a command which was interrupted does not end as one
// that did its work.
func unfinished(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted: %v", err)
	}
	return err
}

// exit is the end of a command with a code, after it said everything itself.
type exit int

func (e exit) Error() string { return "exit code " + strconv.Itoa(int(e)) }

func orStandardOutput(out io.Writer) io.Writer {
	if out == nil {
		return os.Stdout
	}
	return out
}

// configured reads a document and opens the database to hold it against.
func (d database) configured(ctx context.Context, file string) (*configuration.Document, *configuration.Configuration, func(), error) {
	if file == "" {
		return nil, nil, nil, errors.New("the document is missing: name its file. `locum plan --schema` describes it")
	}
	text, err := readDocument(file)
	if err != nil {
		return nil, nil, nil, err
	}
	folder, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, nil, nil, err
	}
	c, done, err := d.configuration(ctx)
	if err != nil {
		folder.Close()
		return nil, nil, nil, err
	}
	c.Files = folder.FS()
	return configuration.Read(file, text), c, func() { done(); folder.Close() }, nil
}

// readDocument reads no more of a file than shows that it is too large.
func readDocument(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the document cannot be read: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, configuration.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("the document cannot be read: %w", err)
	}
	return text, nil
}

// configuration opens the database for configuration as code. No key file is
// opened or made.
func (d database) configuration(ctx context.Context) (*configuration.Configuration, func(), error) {
	if path, is := strings.CutPrefix(d.url(), "sqlite:"); is {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("there is no database %s. Name the right one with LOCUM_DATABASE_URL or --data", path)
		}
	}
	s, err := store.Open(ctx, store.Config{URL: d.url(), Derive: access.Derive})
	if err != nil {
		return nil, nil, err
	}
	english := i18n.For("en", "UTC")
	c := &configuration.Configuration{Store: s, Operator: operatingSystemUser(), Words: english.Say,
		Describe: func(document []byte) (federation.Provider, error) { return saml.ReadProvider(document, s.Now()) },
		Keys:     func() (*secret.Keys, error) { return nil, errors.New("no key file is opened for this") }}
	return c, s.Close, nil
}

// operatingSystemUser is the name of who runs the command, or else his number.
func operatingSystemUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
