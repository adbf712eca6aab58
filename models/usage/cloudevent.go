package usage

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
)

// The media types of a message (CloudEvents 1.0, JSON format, sections 3 and 4).
const (
	SingleType = "application/cloudevents+json"
	BatchType  = "application/cloudevents-batch+json"
)

// The letters of which texts of ours are made.
const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers = "0123456789"
)

// madeOf says whether a text is made of certain letters, and not too long. It is asked
// some times for each record: a regular expression costs more than all the rest.
func madeOf(text, of string, most int) bool {
	if text == "" || len(text) > most {
		return false
	}
	for i := range len(text) {
		if strings.IndexByte(of, text[i]) < 0 {
			return false
		}
	}
	return true
}

// meterOfType is the meter in the type of an event of ours: locum.usage.<meter>.v1.
func meterOfType(kind string) (key string, ok bool) {
	if key, ok = strings.CutPrefix(kind, "locum.usage."); ok {
		key, ok = strings.CutSuffix(key, ".v1")
	}
	if !ok || !isKey(key) {
		return "", false
	}
	return key, true
}

// isKey says whether a text can be the key of a meter.
func isKey(text string) bool {
	return madeOf(text, lower+numbers+"_-", maxWord) && madeOf(text[:1], lower, 1)
}

// isID says whether a text looks like an id of ours.
func isID(text string) bool {
	kind, rest, found := strings.Cut(text, "_")
	return found && len(kind) >= 2 && madeOf(kind, lower, 5) && madeOf(rest, lower+numbers+"_", 60)
}

// isUnit says whether a text can be a unit.
func isUnit(text string) bool {
	return madeOf(text, lower+upper+numbers+" /_.%-", maxWord) && madeOf(text[:1], lower+upper+numbers, 1)
}

// envelope is a CloudEvent with data of ours, in the JSON format. Other attributes
// are let be: they are those of the way on which it came.
type envelope struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Time        string          `json:"time"`
	Subject     string          `json:"subject"`
	ContentType *string         `json:"datacontenttype,omitempty"`
	Base64      json.RawMessage `json:"data_base64,omitempty"`
	Data        json.RawMessage `json:"data"`
}

// used is the data of an event.
type used struct {
	Quantity string `json:"quantity"`
	Unit     string `json:"unit"`
	Account  string `json:"account_id,omitempty"`
	Visit    string `json:"visit_id,omitempty"`
	Corrects string `json:"corrects,omitempty"`
}

// Parse reads a message of one CloudEvent. What is no JSON object is an error; what
// is wrong inside it the record says.
func Parse(content []byte) (Record, error) {
	if err := bounded(content); err != nil {
		return Record{}, err
	}
	if content = bytes.TrimSpace(content); len(content) == 0 || content[0] != '{' {
		return Record{}, unreadable()
	}
	return parse(content), nil
}

// ParseBatch reads a message of many CloudEvents, at most MaxRecords.
func ParseBatch(content []byte) ([]Record, error) {
	if err := bounded(content); err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(content))
	if first, err := in.Token(); err != nil || first != json.Delim('[') {
		return nil, unreadable()
	}
	var list []Record
	for in.More() {
		if len(list) == MaxRecords {
			return nil, models.Fail(models.TooLarge, "usage.error.many", "Most", MaxRecords)
		}
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return nil, unreadable()
		}
		list = append(list, parse(raw))
	}
	if _, err := in.Token(); err != nil {
		return nil, unreadable()
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, unreadable() // something comes after it
	}
	return list, nil
}

func unreadable() error { return models.Fail(models.Invalid, "web.unreadable") }

// bounded refuses what is too large, too deep, or no text.
func bounded(content []byte) error {
	if len(content) > MaxBody {
		return models.Fail(models.TooLarge, "web.too_large")
	}
	if !utf8.Valid(content) {
		return unreadable()
	}
	depth, quoted := 0, false
	for i := 0; i < len(content); i++ {
		switch c := content[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return models.Fail(models.Invalid, "usage.error.deep", "Most", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// parse reads one event, which bounded let through.
func parse(raw []byte) (r Record) {
	wrong := models.FieldErrors{}
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		wrong.Add("event", "usage.error.event")
		return Record{Wrong: wrong}
	}
	r = Record{ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject}
	if e.SpecVersion != "1.0" {
		wrong.Add("specversion", "usage.error.version")
	}
	checkText(wrong, "id", e.ID)
	checkText(wrong, "source", e.Source)
	if checkText(wrong, "subject", e.Subject); !isID(e.Subject) {
		wrong.Add("subject", "usage.error.id")
	}
	var known bool
	if r.Meter, known = meterOfType(e.Type); !known {
		wrong.Add("type", "usage.error.type")
	}
	at, err := time.Parse(time.RFC3339, e.Time)
	if r.Time = at.UTC().Truncate(time.Microsecond); err != nil || at.Year() < 2000 || at.Year() > 9998 {
		wrong.Add("time", "usage.error.time")
	}
	if e.ContentType != nil && !isJSON(*e.ContentType) || e.Base64 != nil {
		wrong.Add("datacontenttype", "usage.error.content")
	}
	r.data(e.Data, wrong)
	if len(wrong) > 0 {
		r.Wrong = wrong
	}
	return r
}

func isJSON(kind string) bool {
	parsed, _, err := mime.ParseMediaType(kind)
	return err == nil && parsed == "application/json"
}

// data reads what was used. A field that nobody knows is refused: a mistyped one
// would else quietly do nothing.
func (r *Record) data(raw []byte, wrong models.FieldErrors) {
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	var u used
	if len(raw) == 0 || raw[0] != '{' || in.Decode(&u) != nil {
		wrong.Add("data", "usage.error.data")
		return
	}
	quantity, ok := ParseDecimal(u.Quantity)
	if !ok {
		wrong.Add("data.quantity", "usage.error.quantity")
	}
	if r.Quantity, r.Unit = quantity, u.Unit; !isUnit(u.Unit) {
		wrong.Add("data.unit", "usage.error.unit")
	}
	r.Account, r.Visit, r.Corrects = u.Account, u.Visit, u.Corrects
	if u.Account != "" && !isID(u.Account) {
		wrong.Add("data.account_id", "usage.error.id")
	}
	if u.Visit != "" && !isID(u.Visit) {
		wrong.Add("data.visit_id", "usage.error.id")
	}
	if u.Corrects != "" {
		if checkText(wrong, "data.corrects", u.Corrects); u.Corrects == r.ID {
			wrong.Add("data.corrects", "usage.error.itself")
		}
	}
}

// checkText refuses a text that is missing, too long, or cannot be written down.
func checkText(wrong models.FieldErrors, field, text string) {
	if text == "" || utf8.RuneCountInString(text) > maxText || strings.TrimSpace(text) != text ||
		strings.ContainsFunc(text, func(c rune) bool { return c < 0x20 || c == 0x7f || c == utf8.RuneError }) {
		wrong.Add(field, "usage.error.text", "Most", maxText)
	}
}

// body is the record as an event again: what quarantine keeps.
func (r Record) body() string {
	data, err := json.Marshal(used{r.Quantity.String(), r.Unit, r.Account, r.Visit, r.Corrects})
	if err != nil {
		return ""
	}
	content, err := json.Marshal(envelope{SpecVersion: "1.0", ID: r.ID, Source: r.Source, Type: r.Type,
		Time: r.Time.Format(time.RFC3339Nano), Subject: r.Subject, Data: data})
	if err != nil {
		return ""
	}
	return string(content)
}
