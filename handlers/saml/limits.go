package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/beevik/etree"
)

// Limits bounds what a stranger may make us parse. The zero value of a field
// means its default.
type Limits struct {
	Bytes    int // of the decoded message; 256 KB
	Depth    int // of nested elements; 64
	Elements int // in the message; 25,000
	Values   int // of all attributes together; 10,000
}

func (l Limits) orDefault() Limits {
	set := func(field *int, otherwise int) {
		if *field <= 0 {
			*field = otherwise
		}
	}
	set(&l.Bytes, 256<<10)
	set(&l.Depth, 64)
	set(&l.Elements, 25_000)
	set(&l.Values, 10_000)
	return l
}

// Canonicalization copies the namespaces in scope for each element, so its cost
// is their product; real messages have a handful of each.
const (
	maxNamespacesInScope = 32
	maxAttributesPerNode = 32
)

// parse builds the tree of a document, after scan found it harmless.
func parse(document []byte, limits Limits) (*etree.Element, error) {
	if err := scan(document, limits); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	tree.ReadSettings.MaxDepth = limits.Depth + 1
	if err := tree.ReadFromBytes(document); err != nil {
		return nil, refuse(Malformed, "XML: %v", err)
	}
	root := tree.Root()
	if root == nil {
		return nil, refuse(Malformed, "no element")
	}
	return root, nil
}

// scan reads a document once in constant memory and refuses what must never
// reach a tree: too much, too deep, document types, processing instructions,
// anything beside the one root element, and ambiguous identifiers.
func scan(document []byte, limits Limits) error {
	if len(document) > limits.Bytes {
		return refuse(TooLarge, "%d bytes, limit %d", len(document), limits.Bytes)
	}
	s := scanner{limits: limits, ids: map[string]bool{}}
	tokens := xml.NewDecoder(bytes.NewReader(document))
	for {
		start := tokens.InputOffset()
		token, err := tokens.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return refuse(Malformed, "XML: %v", err)
		}
		if err := s.take(token, start == 0); err != nil {
			return err
		}
	}
	if !s.rooted || len(s.namespaces) != 0 {
		return refuse(Malformed, "no complete root element")
	}
	return nil
}

type scanner struct {
	limits     Limits
	rooted     bool // the root element was begun
	elements   int
	namespaces []int // declared per open element
	inScope    int
	ids        map[string]bool
}

func (s *scanner) take(token xml.Token, first bool) error {
	switch t := token.(type) {
	case xml.Directive:
		return refuse(DocumentType, "directive of %d bytes", len(t))
	case xml.ProcInst:
		if t.Target != "xml" || !first {
			return refuse(Malformed, "processing instruction %q", t.Target)
		}
	case xml.CharData:
		if len(s.namespaces) == 0 && len(bytes.TrimSpace(t)) > 0 {
			return refuse(Malformed, "text beside the root element")
		}
	case xml.StartElement:
		return s.open(t)
	case xml.EndElement:
		if len(s.namespaces) == 0 {
			return refuse(Malformed, "end without a beginning")
		}
		last := len(s.namespaces) - 1
		s.inScope -= s.namespaces[last]
		s.namespaces = s.namespaces[:last]
	}
	return nil
}

func (s *scanner) open(el xml.StartElement) error {
	if s.rooted && len(s.namespaces) == 0 {
		return refuse(Malformed, "content after the root element")
	}
	s.rooted = true
	s.elements++
	if s.elements > s.limits.Elements || len(s.namespaces) >= s.limits.Depth {
		return refuse(TooComplex, "element %d at depth %d", s.elements, len(s.namespaces)+1)
	}
	declared, err := s.attributes(el.Attr)
	if err != nil {
		return err
	}
	s.namespaces = append(s.namespaces, declared)
	s.inScope += declared
	if s.inScope > maxNamespacesInScope {
		return refuse(TooComplex, "%d namespaces in scope", s.inScope)
	}
	return nil
}

// attributes counts the namespace declarations. Repeated attributes and
// repeated or prefixed ids are refused because libraries differ in which one
// they read, and a signature refers to its element by nothing but the id.
func (s *scanner) attributes(attrs []xml.Attr) (declared int, err error) {
	if len(attrs) > maxAttributesPerNode {
		return 0, refuse(TooComplex, "%d attributes", len(attrs))
	}
	for i, a := range attrs {
		for _, earlier := range attrs[:i] {
			if a.Name == earlier.Name {
				return 0, refuse(Malformed, "attribute %q twice", a.Name.Local)
			}
		}
		switch {
		case a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns":
			declared++
		case strings.EqualFold(a.Name.Local, "id"):
			if a.Name.Space != "" {
				return 0, refuse(Malformed, "prefixed id")
			}
			if s.ids[a.Value] {
				return 0, refuse(Malformed, "id twice")
			}
			s.ids[a.Value] = true
		}
	}
	return declared, nil
}
