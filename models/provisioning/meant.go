package provisioning

import (
	"slices"
	"strings"
	"unicode"
)

// Meant is what a comparison probably was meant to say: the same one with an
// attribute or a value that somebody has in place of one that nobody has, where
// the two are written almost alike. It says nothing where Never cannot tell.
func (s Seen) Meant(c Condition) (Condition, bool) {
	c = c.Tidy()
	if s.People == 0 || c.form() != comparison || c.Check() != nil {
		return c, false
	}
	meant := c
	attribute, there := s.Of(c.Attribute)
	if !there {
		if attribute, there = s.attributeLike(c.Attribute); !there {
			return c, false
		}
		meant.Attribute = attribute.Name
	}
	if value, slip := attribute.like(c); slip {
		meant.Value = value
	}
	return meant, meant.Attribute != c.Attribute || meant.Value != c.Value
}

// attributeLike finds the attribute of which a name is written most like this
// one.
func (s Seen) attributeLike(name string) (best SeenAttribute, found bool) {
	if len(s.Attributes) >= MaxSeenAttributes { // it may be one of those that are not kept
		return best, false
	}
	nearest := 0
	for _, a := range s.Attributes {
		for other := range a.names {
			if d, near := alike(canonical(name), other); near && (!found || d < nearest) {
				best, nearest, found = a, d, true
			}
		}
	}
	return best, found
}

// like finds the value that is written most like the one of a comparison for
// equality, where nobody has that one itself.
func (a SeenAttribute) like(c Condition) (best string, found bool) {
	if c.Operator != Is && c.Operator != IsNot || a.More {
		return "", false
	}
	same := c
	same.Operator = Is
	compiled, err := same.compile()
	if err != nil {
		return "", false
	}
	nearest := 0
	for _, text := range sortedTexts(a.texts) {
		if compiled.accepts(&value{text: text, folded: fold(text)}) {
			return "", false
		}
		if d, near := alike(c.Value, text); near && (!found || d < nearest) {
			best, nearest, found = text, d, true
		}
	}
	return best, found
}

func sortedTexts(texts map[string]bool) []string {
	list := make([]string, 0, len(texts))
	for text := range texts {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// maxAlike is how long texts are compared at most, in characters: the work
// grows with the square.
const maxAlike = 200

// alike says whether two texts are written almost alike, and how far apart they
// are: they differ in capitals or in what separates words, or else in one
// character of each four, and in two at most.
func alike(a, b string) (distance int, near bool) {
	x, y := []rune(fold(a)), []rune(fold(b))
	if len(x) > maxAlike || len(y) > maxAlike {
		return 0, false
	}
	if bare := letters(x); len(bare) > 0 && slices.Equal(bare, letters(y)) {
		return 0, true
	}
	most := min(2, min(len(x), len(y))/4)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return 0, false
	}
	distance = edits(x, y)
	return distance, distance <= most
}

// letters leaves out what separates words.
func letters(text []rune) []rune {
	return slices.DeleteFunc(slices.Clone(text), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("-_./:\\", r)
	})
}

// edits is how many characters have to be put in, taken out or replaced, or
// neighbours exchanged, to make one text the other (the optimal string alignment
// distance).
func edits(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i, x := range a {
		row[0] = i + 1
		for j, y := range b {
			cost := 1
			if x == y {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
