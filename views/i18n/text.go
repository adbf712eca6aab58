package i18n

import (
	"strconv"
	"strings"
)

// Number writes a whole number with the separators of the language: "1,284",
// "1.284".
func (l Locale) Number(n int) string { return l.ready().printer.Sprintf("%d", n) }

// Percent writes a part of a hundred with one decimal: "99.8%", "99,8%".
func (l Locale) Percent(p float64) string { return l.ready().printer.Sprintf("%.1f%%", p) }

// Decimal writes a decimal, digits with a point, as the language does: "1,284.50",
// "1.284,50". No digit is rounded away.
func (l Locale) Decimal(text string) string {
	whole, small, found := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return text
	}
	out := l.ready().printer.Sprintf("%d", n)
	if found {
		out += strings.Trim(l.ready().printer.Sprintf("%.1f", 0.5), "05") + small
	}
	return out
}

// List joins words as the language does: "a, b and c".
func (l Locale) List(items []string) string {
	switch n := len(items); n {
	case 0:
		return ""
	case 1:
		return items[0]
	default:
		return l.T("common.list.last", "Items", strings.Join(items[:n-1], ", "), "Last", items[n-1])
	}
}
