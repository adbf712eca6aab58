package saml

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// is tells whether an element has this name; prefixes do not matter.
func is(el *etree.Element, namespace, tag string) bool {
	return el.Tag == tag && el.NamespaceURI() == namespace
}

// children are the direct children of this name.
func children(el *etree.Element, namespace, tag string) []*etree.Element {
	var found []*etree.Element
	for _, child := range el.ChildElements() {
		if is(child, namespace, tag) {
			found = append(found, child)
		}
	}
	return found
}

// atMostOne is the direct child of this name, nil without one; two are refused,
// because readers differ in which one counts.
func atMostOne(el *etree.Element, namespace, tag string) (*etree.Element, error) {
	found := children(el, namespace, tag)
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	default:
		return nil, refuse(Malformed, "%d times %s in %s", len(found), tag, el.Tag)
	}
}

// attr is the value of an attribute without prefix, or empty.
func attr(el *etree.Element, name string) string {
	for _, a := range el.Attr {
		if a.Space == "" && a.Key == name {
			return a.Value
		}
	}
	return ""
}

// text is all character data within an element, comments left out, without the
// white space around it. Reading on past a comment matters: a reader that stops
// there can be made to see a shorter name than the one that was signed.
func text(el *etree.Element) string {
	var all strings.Builder
	gather(el, &all)
	return strings.TrimSpace(all.String())
}

func gather(el *etree.Element, into *strings.Builder) {
	for _, token := range el.Child {
		switch t := token.(type) {
		case *etree.CharData:
			into.WriteString(t.Data)
		case *etree.Element:
			gather(t, into)
		}
	}
}

// walk visits an element and all beneath it, until visit returns an error.
func walk(el *etree.Element, visit func(*etree.Element) error) error {
	if err := visit(el); err != nil {
		return err
	}
	for _, child := range el.ChildElements() {
		if err := walk(child, visit); err != nil {
			return err
		}
	}
	return nil
}

// detach copies an element out of its document together with the namespaces it
// inherits there, without which it could not be canonicalized alone.
func detach(el *etree.Element) *etree.Element {
	alone := el.Copy()
	declared := map[string]bool{}
	for _, a := range el.Attr {
		if name, ok := declares(a); ok {
			declared[name] = true
		}
	}
	for above := el.Parent(); above != nil; above = above.Parent() {
		for _, a := range above.Attr {
			if name, ok := declares(a); ok && !declared[name] {
				declared[name] = true
				alone.Attr = append(alone.Attr, etree.Attr{Space: a.Space, Key: a.Key, Value: a.Value})
			}
		}
	}
	return alone
}

// declares is the prefix that an attribute declares, empty for the default
// namespace.
func declares(a etree.Attr) (prefix string, ok bool) {
	if a.Space == "xmlns" {
		return a.Key, true
	}
	return "", a.Space == "" && a.Key == "xmlns"
}

// instant reads an xs:dateTime (XML Schema part 2, section 3.2.7). SAML wants
// UTC, so a time without a zone is UTC. Absent is the zero time.
func instant(el *etree.Element, name string) (time.Time, error) {
	written := strings.TrimSpace(attr(el, name))
	if written == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(layout, written); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, refuse(Malformed, "%s of %s is no time: %q", name, el.Tag, written)
}

// moment is instant for a time that must be there.
func moment(el *etree.Element, name string) (time.Time, error) {
	at, err := instant(el, name)
	if err == nil && at.IsZero() {
		err = refuse(Malformed, "%s lacks %s", el.Tag, name)
	}
	return at, err
}

// squeeze takes all white space out of base64.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(squeeze(s))
}
