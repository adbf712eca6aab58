package usage_test

import (
	"fmt"
	"strings"
	"testing"

	"locum/models"
	"locum/models/usage"
)

const wellFormed = `{"specversion":"1.0","id":"req-8f3","source":"/apps/bridge","type":"locum.usage.query.v1","time":"2026-01-02T09:00:00Z","subject":"org_client","data":{"quantity":"1","unit":"query","account_id":"acc_01","visit_id":"vis_03"}}`

func TestTheEventOfTheSpecificationIsRead(t *testing.T) {
	r, err := usage.Parse([]byte(wellFormed))
	if err != nil || len(r.Wrong) > 0 || r.Meter != "query" || r.Quantity.String() != "1" || r.Account != "acc_01" || r.Visit != "vis_03" || r.Subject != "org_client" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestWhatIsWrongWithAnEventIsSaidAtItsField(t *testing.T) {
	change := func(from, to string) string { return strings.Replace(wellFormed, from, to, 1) }
	for field, list := range map[string][]string{
		"specversion":     {change(`"1.0"`, `"0.3"`), change(`"specversion":"1.0",`, "")},
		"id":              {change(`"req-8f3"`, `""`), change("req-8f3", strings.Repeat("x", 256)), change("req-8f3", `a\u0000b`), change("req-8f3", " a")},
		"source":          {change(`"/apps/bridge"`, `""`)},
		"subject":         {change(`"org_client"`, `"client"`), change("org_client", "ORG_1"), change("org_client", "org_"+strings.Repeat("1", 61))},
		"type":            {change("query.v1", "query.v2"), change("locum.usage.query.v1", "query"), change("usage.query", "usage.Query"), change("usage.query.v1", "usage..v1")},
		"time":            {change("2026-01-02T09:00:00Z", "2026-01-02"), change(`"2026-01-02T09:00:00Z"`, `""`), change("2026-01-02T", "0001-01-02T"), change("09:00:00Z", "09:00:00")},
		"data":            {change(`"unit"`, `"unti"`), change(`"1","unit"`, `1,"unit"`), change(`,"data"`, `,"dat"`), change(`"quantity":"1"`, `"quantity":1e5`)},
		"data.unit":       {change(`"unit":"query"`, `"unit":""`), change(`"unit":"query"`, `"unit":"=query"`)},
		"data.quantity":   {change(`:"1",`, `:"",`)},
		"data.visit_id":   {change("vis_03", "../x")},
		"data.corrects":   {change(`"vis_03"`, `"vis_03","corrects":"req-8f3"`)},
		"datacontenttype": {change(`"id"`, `"datacontenttype":"text/plain","id"`), change(`"id"`, `"data_base64":"e30=","id"`)},
		"event":           {`{"id":1}`, `{}`[:1] + `"specversion":1}`},
	} {
		for _, text := range list {
			r, err := usage.Parse([]byte(text))
			if err != nil || r.Wrong[field].Key == "" {
				t.Errorf("%s: %v %v in %s", field, r.Wrong, err, text)
			}
		}
	}
	for _, text := range []string{"", "[]", "null", "x", `"x"`, "[" + wellFormed + "]", "\xff", strings.Repeat("[", 9), `{"a":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + "}"} {
		if _, err := usage.Parse([]byte(text)); models.KindOf(err) != models.Invalid {
			t.Errorf("%q is read: %v", text, err)
		}
	}
}

// Exponents, signs, other scripts and what is too long.
func TestDecimalsHaveOneWayToBeWritten(t *testing.T) {
	for _, text := range []string{"1e5", "1E5", "NaN", "Infinity", "inf", "١", "１", "-1", "+1", " 1", "1 ", "1_000", "1,5", ".5", "1.", "01", "00", "0x10", "1.0000000", "1234567890123", "", "1.2.3", "1.-2", "٫"} {
		if d, ok := usage.ParseDecimal(text); ok {
			t.Errorf("%q is %s", text, d)
		}
	}
	for text, want := range map[string]string{"0": "0", "0.5": "0.5", "1.500000": "1.5", "999999999999.999999": "999999999999.999999", "10": "10"} {
		if d, ok := usage.ParseDecimal(text); !ok || !strings.HasPrefix(text, want) && d.String() != want {
			t.Errorf("%q is %s", text, d)
		}
	}
}

func TestABatchIsBounded(t *testing.T) {
	list := func(n int) []byte {
		return []byte("[" + strings.Repeat(wellFormed+",", n-1) + wellFormed + "]")
	}
	if got, err := usage.ParseBatch(list(usage.MaxRecords)); err != nil || len(got) != usage.MaxRecords {
		t.Errorf("%d records: %v", len(got), err)
	}
	if _, err := usage.ParseBatch(list(usage.MaxRecords + 1)); models.KindOf(err) != models.TooLarge {
		t.Errorf("one too many: %v", err)
	}
	if _, err := usage.ParseBatch([]byte("[" + strings.Repeat(" ", usage.MaxBody) + "]")); models.KindOf(err) != models.TooLarge {
		t.Errorf("too large: %v", err)
	}
	for _, text := range []string{"{}", "", "[", "[{}", "[{},", "[{}]x", "[{}][]", "null"} {
		if _, err := usage.ParseBatch([]byte(text)); models.KindOf(err) != models.Invalid {
			t.Errorf("%q is read: %v", text, err)
		}
	}
	if got, err := usage.ParseBatch([]byte("[]")); err != nil || len(got) != 0 {
		t.Errorf("an empty batch: %v %v", got, err)
	}
	if got, err := usage.ParseBatch([]byte("[1," + wellFormed + ",null]")); err != nil || len(got) != 3 || len(got[0].Wrong) == 0 || len(got[1].Wrong) != 0 || len(got[2].Wrong) == 0 {
		t.Errorf("mixed: %+v %v", got, err)
	}
}

func FuzzCloudEvent(f *testing.F) {
	for _, seed := range []string{wellFormed, "[" + wellFormed + "]", "{}", "[]", `{"data":{"quantity":"1e5"}}`, `{"specversion":"1.0","data":null}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		one, err := usage.Parse(content)
		if err == nil && len(one.Wrong) == 0 {
			if one.ID == "" || one.Source == "" || one.Meter == "" || one.Time.IsZero() || one.Quantity.IsNegative() || one.Quantity.Exponent() < -6 {
				t.Errorf("%q is read as %+v", content, one)
			}
		}
		if list, err := usage.ParseBatch(content); err == nil && len(list) > usage.MaxRecords {
			t.Errorf("%d records", len(list))
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"1", "0.000001", "1e5", "-1", "١", "999999999999.999999", "1."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := usage.ParseDecimal(text)
		if !ok {
			return
		}
		if len(text) > 19 || d.IsNegative() || strings.ContainsAny(text, "eE+-") {
			t.Errorf("%q is %s", text, d)
		}
		if small := len(text) - strings.IndexByte(text+".", '.') - 1; d.StringFixed(int32(max(small, 0))) != text {
			t.Errorf("%q is %s", text, fmt.Sprint(d))
		}
	})
}
