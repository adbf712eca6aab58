package usage

import (
	"database/sql/driver"
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"
)

// The digits of a quantity, and of the price of a unit: before the point and after it.
const (
	wholeDigits = 12
	smallDigits = 6
)

// million is how many parts a unit has in the database.
const million = 1_000_000

// ParseDecimal reads a decimal as records and forms carry it: digits, and at most six
// more after a point. A sign, an exponent, digits of other scripts, a point without a
// digit on either side and a zero too many in front are refused, so that there is one
// way to read it and no surprise in how much.
func ParseDecimal(text string) (decimal.Decimal, bool) {
	whole, small := text, ""
	for i := range len(text) {
		if text[i] == '.' {
			whole, small = text[:i], text[i+1:]
			if small == "" {
				return decimal.Zero, false
			}
			break
		}
	}
	if whole == "" || len(whole) > wholeDigits || len(small) > smallDigits || len(whole) > 1 && whole[0] == '0' || !digits(whole) || !digits(small) {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// micro is a quantity in millionths: exact in both databases, where a float is not
// and SQLite has no decimal.
type micro int64

func microOf(d decimal.Decimal) micro { return micro(d.Shift(smallDigits).IntPart()) }

func (m micro) decimal() decimal.Decimal { return decimal.New(int64(m), -smallDigits) }

// Scan reads what Value wrote.
func (m *micro) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*m = micro(v)
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		*m = micro(n)
		return err
	default:
		return fmt.Errorf("usage: a quantity cannot be read from %T", src)
	}
	return nil
}

// Value writes it as a whole number.
func (m micro) Value() (driver.Value, error) { return int64(m), nil }

// sumColumns add up quantities exactly: whole units and millionths apart, since their
// sum together can be more than a column of SQLite holds.
const sumColumns = "sum(quantity / 1000000) AS whole, sum(quantity % 1000000) AS small"

func sumOf(whole, small int64) decimal.Decimal {
	return decimal.NewFromInt(whole).Add(decimal.New(small, -smallDigits))
}
