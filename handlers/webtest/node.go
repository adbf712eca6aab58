package webtest

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Node is a program that node runs: somebody of the outside who is not of Go.
type Node struct {
	T  *testing.T
	in io.Writer

	lines *bufio.Scanner
}

// RunNode runs a program of the test's folder with a package of static/, whose folder is
// its first argument, for a minute at most. Where node or the package is not there the
// test is skipped and says what is not shown; with CI=true that is a failure.
func RunNode(t *testing.T, module, notShown, program string, arguments ...string) *Node {
	t.Helper()
	missing := func(why string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("node is not installed: " + notShown)
	}
	packages, err := filepath.Abs("../../static")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(packages, "node_modules", module)); err != nil {
		missing("the " + module + " package is not installed: run npm ci in static/")
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	process := exec.CommandContext(ctx, node, append([]string{program, packages}, arguments...)...)
	process.Stderr = t.Output()
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		process.Wait()
		stop()
	})
	n := &Node{T: t, in: in, lines: bufio.NewScanner(out)}
	n.lines.Buffer(nil, 1<<20)
	return n
}

// Line reads what it says next.
func (n *Node) Line() string {
	n.T.Helper()
	if !n.lines.Scan() {
		n.T.Fatalf("node's program ended: %v", n.lines.Err())
	}
	return n.lines.Text()
}

// Tell says a line to it.
func (n *Node) Tell(line string) {
	n.T.Helper()
	if _, err := io.WriteString(n.in, line+"\n"); err != nil {
		n.T.Fatal(err)
	}
}
