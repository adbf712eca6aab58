package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"

	"locum/models/secret"
)

type apply struct {
	database `embed:""`
	File     string `arg:"" placeholder:"FILE" help:"The document to apply."`
	Prune    bool   `help:"Also remove domains, connectors and applications in use that a list of the document does not name."`
	Yes      bool   `help:"Do not ask."`
	Confirm  int    `placeholder:"PEOPLE" help:"With --yes: how many people a change may touch that does more than a company lets pass unasked. The plan says the number."`
	KeyFile  string `name:"key-file" env:"LOCUM_KEY_FILE" placeholder:"FILE" help:"The installation's keys, read only to make a connection. By default keys.json in the data folder."`

	in       io.Reader // standard input when nil
	out      io.Writer // standard output when nil
	terminal func() bool
}

// errDeclined and errNotAsked say why nothing was applied.
var (
	errDeclined = errors.New("nothing was applied")
	errBraked   = errors.New("nothing was applied: the plan does more than a company lets pass unasked. Give --confirm with the number of people that it says")
	errNotAsked = errors.New("nothing was applied: standard input is no terminal, so that nobody can be asked. Give --yes to apply without asking")
)

// Run makes what stands agree with a document, once the plan was shown and
// confirmed.
func (a *apply) Run(ctx context.Context) error {
	to := orStandardOutput(a.out)
	document, c, done, err := a.configured(ctx, a.File)
	if err != nil {
		return err
	}
	defer done()
	c.Keys = func() (*secret.Keys, error) { return secret.Load(a.keyFile()) }
	planned, err := c.Plan(ctx, document, a.Prune)
	if err != nil {
		return unfinished(ctx, err)
	}
	if planned.Empty() {
		planned.Print(to)
		return nil
	}
	braked := planned.Braked()
	switch {
	case !a.Yes:
		planned.Print(to)
		if err := a.ask(ctx, to, braked); err != nil {
			return err
		}
	case a.Confirm < braked:
		planned.Print(to)
		return errBraked
	}
	if err := c.Apply(ctx, document, planned, to); err != nil {
		return unfinished(ctx, err)
	}
	fmt.Fprintln(to, "Applied.")
	return nil
}

// keyFile is where the house keeps its keys.
func (a *apply) keyFile() string {
	if a.KeyFile != "" {
		return a.KeyFile
	}
	return filepath.Join(a.Data, "keys.json")
}

// ask waits for a yes, or where the plan does more than a company lets pass
// unasked for the number of people touched. Anything else is a no, and so is the
// end of the program.
func (a *apply) ask(ctx context.Context, to io.Writer, braked int) error {
	want := "yes"
	if braked > 0 {
		want = strconv.Itoa(braked)
	}
	from, terminal := a.in, a.terminal
	if from == nil {
		from = os.Stdin
	}
	if terminal == nil {
		terminal = func() bool { return isatty.IsTerminal(os.Stdin.Fd()) || isatty.IsCygwinTerminal(os.Stdin.Fd()) }
	}
	if !terminal() {
		return errNotAsked
	}
	fmt.Fprintf(to, "Apply this? Type %s: ", want)
	answered := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(from).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answered <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(to)
		return errDeclined
	case line := <-answered:
		if strings.TrimSpace(line) != want {
			return errDeclined
		}
		return nil
	}
}
