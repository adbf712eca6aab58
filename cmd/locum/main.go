// Command locum is the access hub: one program that serves it, tries it out and
// looks after it. It is the only reader of flags and environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"locum/models/configuration"
)

type commands struct {
	Serve   serve   `cmd:"" help:"Serve the hub."`
	Demo    demo    `cmd:"" help:"Try it: a hub with invented companies, an identity provider and a mailbox, on this machine alone."`
	Migrate migrate `cmd:"" help:"Bring the database up to date, and stop."`
	Plan    plan    `cmd:"" help:"Say how a document differs from what stands: exit code 0 for not at all, 2 for something to change, 1 for an error."`
	Apply   apply   `cmd:"" help:"Make what stands agree with a document."`
	Export  export  `cmd:"" help:"Write a company as a document for plan and apply."`
	Keys    keys    `cmd:"" help:"List the keys of the organizations' secrets, and rotate them."`
	Doctor  doctor  `cmd:"" help:"Say what is misconfigured."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program but for the process around it. What goes wrong is told to
// complaints; the answer is the process's exit code: 2 for a command that
// cannot be understood, 1 for one that failed. A command may end with a code of
// its own: see plan.
func run(ctx context.Context, args []string, complaints io.Writer) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("locum"), kong.Description("Locum decides who may work where, on whose behalf, and until when."),
		kong.UsageOnError(), kong.Writers(os.Stdout, complaints), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(complaints, "locum:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(complaints, "locum:", err)
		fmt.Fprintln(complaints, "locum: `locum --help` lists what there is")
		if len(args) > 0 && args[0] == "plan" {
			return 1 // there 2 says that something would change
		}
		return 2
	}
	var code exit
	if err := parsed.Run(); errors.As(err, &code) {
		return int(code)
	} else if wrong := (*configuration.Problems)(nil); errors.As(err, &wrong) {
		fmt.Fprintln(complaints, wrong) // each line begins with where it is, for editors
		return 1
	} else if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(complaints, "locum:", err)
		return 1
	}
	return 0
}
