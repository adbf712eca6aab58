package provisioning

import "strings"

// PartKind is what a part of a sentence is, and so how a screen shows it.
type PartKind int

// The kinds of parts. Words and operators are catalog keys; names of attributes
// and values stand as the manager wrote them.
const (
	PartWord      PartKind = iota // and, or, any of, not
	PartAttribute                 // Text, and Key where the attribute has a name in the catalogs
	PartOperator
	PartValue
	PartOpen // the beginning of a group within the sentence
	PartClose
)

// Part is one piece of a condition that is read as a sentence.
type Part struct {
	Kind PartKind
	Text string
	Key  string
	// CaseSensitive says, of a value, that capitals count.
	CaseSensitive bool
}

// KnownAttributes are the attributes that have a name in the catalogs, under
// provisioning.attribute and the attribute's own name in lower case: those that
// a screen offers before a connection has shown its own.
var KnownAttributes = []string{GroupAttribute, "email", "department", "jobTitle", "employeeType", "country", "costCenter", "company", "division", "city"}

// Sentence is the condition as parts to be read one after another, as in
// group is "Planning-Editors" and country is "NL". A group within it is opened
// and closed, so that it cannot be read in two ways.
func Sentence(c Condition) []Part { return c.sentence(nil, false, true) }

func (c *Condition) sentence(parts []Part, deny, outermost bool) []Part {
	switch c.form() {
	case notOf:
		return c.Not.sentence(parts, !deny, outermost)
	case comparison:
		return c.clause(parts, deny)
	case allOf, anyOf:
		return c.group(parts, deny, outermost)
	}
	return parts
}

// group writes all and any. The words and/or between their conditions say which
// it is; any of, none of and not all of stand before it as well, because they
// change what a reader expects of the first condition.
func (c *Condition) group(parts []Part, deny, outermost bool) []Part {
	under := c.under()
	if len(under) == 1 {
		return under[0].sentence(parts, deny, outermost)
	}
	word, between := "", "provisioning.and"
	switch f := c.form(); {
	case f == anyOf && deny:
		word, between = "provisioning.none_of", "provisioning.or"
	case f == anyOf:
		word, between = "provisioning.any_of", "provisioning.or"
	case deny:
		word = "provisioning.not_all_of"
	case !outermost:
		word = "provisioning.all_of"
	}
	if !outermost {
		parts = append(parts, Part{Kind: PartOpen, Text: "("})
	}
	if word != "" {
		parts = append(parts, Part{Kind: PartWord, Key: word})
	}
	for i := range under {
		if i > 0 {
			parts = append(parts, Part{Kind: PartWord, Key: between})
		}
		parts = under[i].sentence(parts, false, false)
	}
	if !outermost {
		parts = append(parts, Part{Kind: PartClose, Text: ")"})
	}
	return parts
}

func (c *Condition) clause(parts []Part, deny bool) []Part {
	attribute := Part{Kind: PartAttribute, Text: c.Attribute}
	for _, known := range KnownAttributes {
		if canonical(c.Attribute) == fold(known) {
			attribute.Key = "provisioning.attribute." + fold(known)
		}
	}
	operator := Part{Kind: PartOperator, Key: c.Operator.Key()}
	if deny {
		operator.Key = c.Operator.DeniedKey()
	}
	parts = append(parts, attribute, operator)
	if c.Operator.NeedsValue() {
		parts = append(parts, Part{Kind: PartValue, Text: c.Value, CaseSensitive: c.CaseSensitive})
	}
	return parts
}

// Plain writes the parts as one line of text, for mails, logs of activity and
// screen readers. The word for a catalog key comes from the caller, who knows
// the reader's language.
func Plain(parts []Part, word func(key string) string) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 && part.Kind != PartClose && parts[i-1].Kind != PartOpen {
			b.WriteByte(' ')
		}
		switch {
		case part.Kind == PartValue:
			b.WriteString(word("provisioning.quote.open") + part.Text + word("provisioning.quote.close"))
		case part.Key != "":
			b.WriteString(word(part.Key))
		default:
			b.WriteString(part.Text)
		}
	}
	return b.String()
}
