package provisioning

import (
	"slices"
	"strings"
)

// index finds the rules that a profile may satisfy. Its work is in proportion to
// the profile and to what it finds, not to the number of rules.
type index struct {
	attributes map[string]*attributeIndex
	names      []string // the keys of attributes
	always     []int32  // rules without a need: everybody visits them
}

// attributeIndex holds, by the text needed, the numbers of the rules.
type attributeIndex struct {
	equal, prefix, suffix, part map[string][]int32
	prefixes, suffixes          []int // the lengths that occur
	any                         []int32
}

func (x *index) add(rule int32, needs []need, ok bool) {
	if !ok {
		x.always = append(x.always, rule)
		return
	}
	for _, n := range needs {
		a := x.attributes[n.attribute]
		if a == nil {
			a = &attributeIndex{
				equal: map[string][]int32{}, prefix: map[string][]int32{},
				suffix: map[string][]int32{}, part: map[string][]int32{},
			}
			x.attributes[n.attribute] = a
			x.names = append(x.names, n.attribute)
		}
		a.add(rule, n)
	}
}

func (a *attributeIndex) add(rule int32, n need) {
	switch n.kind {
	case needEqual:
		a.equal[n.text] = append(a.equal[n.text], rule)
	case needPrefix:
		a.prefix[n.text] = append(a.prefix[n.text], rule)
		a.prefixes = withLength(a.prefixes, n.text)
	case needSuffix:
		a.suffix[n.text] = append(a.suffix[n.text], rule)
		a.suffixes = withLength(a.suffixes, n.text)
	case needPart:
		a.part[n.text] = append(a.part[n.text], rule)
	case needAny:
		a.any = append(a.any, rule)
	}
}

func withLength(lengths []int, text string) []int {
	if slices.Contains(lengths, len(text)) {
		return lengths
	}
	lengths = append(lengths, len(text))
	slices.Sort(lengths)
	return lengths
}

// candidates adds to found the rules that the profile may satisfy, in order and
// each once.
func (x *index) candidates(p *Profile, found []int32) []int32 {
	found = append(found, x.always...)
	if len(x.names) <= len(p.names) {
		for _, attribute := range x.names {
			if f := p.field(attribute); f != nil {
				found = x.attributes[attribute].candidates(f, found)
			}
		}
	} else {
		found = x.byName(p, found)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// byName goes by the profile's attributes where the rules know more of them.
func (x *index) byName(p *Profile, found []int32) []int32 {
	for _, n := range p.names {
		if a := x.attributes[n.folded]; a != nil {
			found = a.candidates(&p.fields[n.field], found)
		}
	}
	if a := x.attributes[GroupAttribute]; a != nil {
		if f := p.field(GroupAttribute); f != nil {
			found = a.candidates(f, found)
		}
	}
	return found
}

func (a *attributeIndex) candidates(f *field, found []int32) []int32 {
	if len(f.values) > 0 {
		found = append(found, a.any...)
	}
	for i := range f.values {
		text := f.values[i].folded
		if len(a.equal) > 0 {
			found = append(found, a.equal[text]...)
		}
		for _, length := range a.prefixes {
			if length > len(text) {
				break
			}
			found = append(found, a.prefix[text[:length]]...)
		}
		for _, length := range a.suffixes {
			if length > len(text) {
				break
			}
			found = append(found, a.suffix[text[len(text)-length:]]...)
		}
		if len(a.part) > 0 {
			found = a.parts(text, found)
		}
	}
	return found
}

// parts looks up every part of a text. A part that occurs again is looked up
// once, lest a long value of one character visit the same rules many times.
func (a *attributeIndex) parts(text string, found []int32) []int32 {
	for at := 0; at+partLength <= len(text); at++ {
		part := text[at : at+partLength]
		rules := a.part[part]
		if len(rules) > 0 && !strings.Contains(text[:at+partLength-1], part) {
			found = append(found, rules...)
		}
	}
	return found
}
