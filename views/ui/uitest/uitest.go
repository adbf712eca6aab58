// Package uitest renders components for tests and asks the markup by selector.
// It must never be imported by anything but tests.
package uitest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// Page is what a component rendered to.
type Page struct {
	Text string // the markup
	Root *html.Node
	t    testing.TB
}

// Render renders a component with what ctx carries: a locale, a frame.
func Render(ctx context.Context, t testing.TB, component templ.Component) Page {
	t.Helper()
	var b strings.Builder
	if err := component.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return Parse(t, b.String())
}

// Parse reads markup that a handler answered.
func Parse(t testing.TB, markup string) Page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	return Page{markup, root, t}
}

// All finds the elements of a selector: a tag, .class, #id, [name] and
// [name=value], together and without a descent.
func (p Page) All(selector string) []*html.Node { return Inside(p.Root, selector) }

// One finds the one element of a selector, and fails the test when there is
// none or another.
func (p Page) One(selector string) *html.Node {
	p.t.Helper()
	found := p.All(selector)
	if len(found) != 1 {
		p.t.Fatalf("%d of %s in\n%s", len(found), selector, p.Text)
	}
	return found[0]
}

// None fails the test when an element of the selector is there.
func (p Page) None(selector string) {
	p.t.Helper()
	if found := p.All(selector); len(found) != 0 {
		p.t.Errorf("%d of %s in\n%s", len(found), selector, p.Text)
	}
}

var part = regexp.MustCompile(`^[a-z0-9]+|\.[\w-]+|#[\w-]+|\[[^\]]+\]`)

// Inside finds the elements of a selector below a node.
func Inside(n *html.Node, selector string) []*html.Node {
	parts := part.FindAllString(selector, -1)
	var found []*html.Node
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && !slices.ContainsFunc(parts, func(part string) bool { return !matches(child, part) }) {
			found = append(found, child)
		}
	}
	return found
}

func matches(n *html.Node, part string) bool {
	switch part[0] {
	case '.':
		return slices.Contains(strings.Fields(Attr(n, "class")), part[1:])
	case '#':
		return Attr(n, "id") == part[1:]
	case '[':
		name, value, valued := strings.Cut(strings.Trim(part, "[]"), "=")
		return Has(n, name) && (!valued || Attr(n, name) == value)
	}
	return n.Data == part
}

// Attr is an attribute of an element, empty when it is not there.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Has says whether an element has an attribute, with a value or without.
func Has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// Words is the text below a node, its spaces made single.
func Words(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
