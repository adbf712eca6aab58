package provisioning

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"

	"locum/models"
)

// Limits on a condition: far above what a person writes, and low enough that no
// rule can make a sign-in slow.
const (
	MaxDepth          = 8    // levels
	MaxNodes          = 500  // nodes in the tree
	MaxNameLength     = 300  // characters of an attribute's name
	MaxOperandLength  = 1000 // characters of a value: distinguished names are long
	MaxPatternLength  = 200  // characters of a pattern
	MaxPatternSteps   = 500  // instructions it compiles to: .{1000} is short and yet slow
	MaxConditionBytes = 256 << 10
)

// Check is nil for a condition that can be used, and otherwise a *models.Error
// with, by the path of the node, what is wrong: condition is the tree itself,
// condition.1 the second node under it, condition.1.value its value.
func (c Condition) Check() error {
	wrong := models.FieldErrors{}
	c.check("condition", wrong)
	return wrong.Err()
}

func (c *Condition) check(path string, wrong models.FieldErrors) {
	nodes := 0
	c.checkNode(path, 1, &nodes, wrong)
	if nodes > MaxNodes {
		wrong.Add(path, "provisioning.error.too_many_nodes", "Most", MaxNodes)
	}
}

func (c *Condition) checkNode(path string, depth int, nodes *int, wrong models.FieldErrors) {
	if *nodes++; *nodes > MaxNodes {
		return
	}
	if depth > MaxDepth {
		wrong.Add(path, "provisioning.error.too_deep", "Most", MaxDepth)
		return
	}
	switch c.form() {
	case none:
		wrong.Add(path, "provisioning.error.no_condition")
	case mixed:
		wrong.Add(path, "provisioning.error.mixed_condition")
	case comparison:
		c.checkComparison(path, wrong)
	case allOf, anyOf:
		if len(c.under()) == 0 {
			wrong.Add(path, "provisioning.error.no_condition")
		}
	}
	for i, under := range c.under() {
		under.checkNode(path+"."+strconv.Itoa(i), depth+1, nodes, wrong)
	}
}

func (c *Condition) checkComparison(path string, wrong models.FieldErrors) {
	switch {
	case strings.TrimSpace(c.Attribute) == "":
		wrong.Add(path+".attribute", "provisioning.error.attribute_missing")
	case utf8.RuneCountInString(c.Attribute) > MaxNameLength:
		wrong.Add(path+".attribute", "provisioning.error.too_long", "Most", MaxNameLength)
	case !utf8.ValidString(c.Attribute):
		wrong.Add(path+".attribute", "provisioning.error.not_text")
	}
	if !c.Operator.Known() {
		wrong.Add(path+".operator", "provisioning.error.operator_unknown")
		return
	}
	c.checkValue(path+".value", wrong)
}

func (c *Condition) checkValue(path string, wrong models.FieldErrors) {
	most := MaxOperandLength
	if c.Operator == Pattern {
		most = MaxPatternLength
	}
	switch {
	case !c.Operator.NeedsValue():
		if c.Value != "" {
			wrong.Add(path, "provisioning.error.value_unwanted")
		}
	case strings.TrimSpace(c.Value) == "":
		wrong.Add(path, "provisioning.error.value_missing")
	case !utf8.ValidString(c.Value):
		wrong.Add(path, "provisioning.error.not_text")
	case utf8.RuneCountInString(c.Value) > most:
		wrong.Add(path, "provisioning.error.too_long", "Most", most)
	case c.Operator == Glob && strings.Trim(c.Value, "*") == "":
		wrong.Add(path, "provisioning.error.glob_matches_all")
	case c.Operator == Pattern:
		switch _, err := c.pattern(); {
		case err == errPatternTooLarge:
			wrong.Add(path, "provisioning.error.pattern_too_large")
		case err != nil:
			wrong.Add(path, "provisioning.error.pattern_invalid")
		}
	}
}

var errPatternTooLarge = errors.New("provisioning: the pattern compiles to too many steps")

// pattern compiles the value of a Pattern so that it compares the whole of a
// text. It is compiled on its own first: a)|(b is no pattern, and in brackets
// would become one.
func (c *Condition) pattern() (*regexp.Regexp, error) {
	tree, err := syntax.Parse(c.Value, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if len(program.Inst) > MaxPatternSteps {
		return nil, errPatternTooLarge
	}
	flags := "is"
	if c.CaseSensitive {
		flags = "s"
	}
	return regexp.Compile(`\A(?` + flags + `:` + c.Value + `)\z`)
}
