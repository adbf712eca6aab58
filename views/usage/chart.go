package usage

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"locum/models/usage"
	"locum/views/i18n"
)

// The geometry of the chart, in its own units: a column of days, from the axis up.
const (
	axisY    = 218.0
	topY     = 14.0
	mostHues = 6
	others   = "\x00others"
)

// palette is the order in which series get colours.
var palette = []int{1, 8, 3, 5, 2, 6, 4, 7}

// colour is that of the i-th series: an organization's own first.
func (r Report) colour(i int) int {
	if r.drawn()[i].Key == others {
		return 0
	}
	if r.Hue == 0 {
		return palette[i%len(palette)]
	}
	if i == 0 {
		return r.Hue
	}
	var rest []int
	for _, hue := range palette {
		if hue != r.Hue {
			rest = append(rest, hue)
		}
	}
	return rest[(i-1)%len(rest)]
}

// drawn are the series with a colour of their own, and the rest as one.
func (r Report) drawn() []usage.Series {
	if len(r.Series) <= mostHues {
		return r.Series
	}
	list := append([]usage.Series{}, r.Series[:mostHues-1]...)
	rest := usage.Series{Key: others, Days: make([]decimal.Decimal, len(r.Series[0].Days))}
	for _, s := range r.Series[mostHues-1:] {
		for i, d := range s.Days {
			rest.Days[i] = rest.Days[i].Add(d)
		}
		rest.Total = rest.Total.Add(s.Total)
	}
	return append(list, rest)
}

// bar is one rectangle: its place in attributes, its paint in the style sheet.
type bar struct{ x, width, y, height, title string }

// scale is the top of the axis: a round number that no day is above.
func (r Report) scale() float64 {
	most := 0.0
	for i := range r.Chart.Period.All() {
		day := 0.0
		for _, s := range r.Series {
			day += s.Days[i].InexactFloat64()
		}
		most = max(most, day)
	}
	if most == 0 {
		return 1
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, n := range []float64{1, 2, 4, 6, 8, 10} {
		if most <= n*step {
			return n * step
		}
	}
	return 10 * step
}

// bars are those of the n-th series, on top of the ones before it.
func (r Report) bars(ctx context.Context, n int) (list []bar) {
	days, drawn, scale := r.Chart.Period.All(), r.drawn(), r.scale()
	column := 100 / float64(len(days))
	for i, day := range days {
		value := drawn[n].Days[i]
		if value.IsZero() {
			continue
		}
		below := 0.0
		for _, s := range drawn[:n] {
			below += s.Days[i].InexactFloat64()
		}
		height := value.InexactFloat64() / scale * (axisY - topY)
		y := axisY - below/scale*(axisY-topY) - height
		list = append(list, bar{x: percent((float64(i) + 0.15) * column), width: percent(0.7 * column), y: tenth(y), height: tenth(max(height-0.8, 0.4)),
			title: i18n.T(ctx, "usage.bar", "Day", dayName(ctx, day), "Name", r.seriesName(ctx, drawn[n]), "Value", r.value(ctx, value))})
	}
	return list
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }
func tenth(f float64) string   { return strconv.FormatFloat(f, 'f', 1, 64) }

// value writes what the chart shows: money, or a quantity in its unit.
func (r Report) value(ctx context.Context, d decimal.Decimal) string {
	if r.Currency != "" {
		return money(ctx, d.Round(2), r.Currency)
	}
	return number(ctx, d)
}

// grid writes a line of the axis, without more digits than it needs.
func (r Report) grid(ctx context.Context, part float64) string {
	text := i18n.From(ctx).Decimal(decimal.NewFromFloat(r.scale() * part).Round(2).String())
	if r.Currency == "" {
		return text
	}
	sign := signs[r.Currency]
	if sign == "" {
		sign = r.Currency
	}
	return sign + "\u00a0" + text
}

// label is a day below the axis.
type label struct{ x, text, anchor string }

func (r Report) labels(ctx context.Context) (list []label) {
	days := r.Chart.Period.All()
	every := max(7, (len(days)+7)/8)
	column := 100 / float64(len(days))
	now := slices.Index(days, r.Today)
	for i, day := range days {
		t, err := time.Parse(time.DateOnly, day)
		near := now >= 0 && i-now < 4 && now-i < 4 // it would stand on today's
		if err != nil || i != now && ((i-1)%every != 0 || near) {
			continue
		}
		text := strconv.Itoa(t.Day())
		if len(days) > 31 {
			text = dayName(ctx, day)
		}
		if i == now {
			text = i18n.T(ctx, "common.time.today")
		}
		list = append(list, label{x: percent((float64(i) + 0.5) * column), text: text, anchor: "middle"})
	}
	return list
}

// said is the chart in words.
func (r Report) said(ctx context.Context) string {
	if r.Currency != "" {
		return i18n.T(ctx, "usage.chart.charged", "By", i18n.T(ctx, "usage.by."+string(r.By)), "Period", periodName(ctx, r.Chart.Period))
	}
	return i18n.T(ctx, "usage.chart.used", "By", i18n.T(ctx, "usage.by."+string(r.By)), "Period", periodName(ctx, r.Chart.Period), "Meter", meterName(ctx, r.Chart.Meter))
}

// heading is that of the chart.
func (r Report) heading(ctx context.Context) string {
	if r.Currency != "" {
		return i18n.T(ctx, "usage.chart.title", "By", i18n.T(ctx, "usage.by."+string(r.By)+".lower"))
	}
	return i18n.T(ctx, "usage.chart.title.meter", "Meter", meterName(ctx, r.Chart.Meter), "By", i18n.T(ctx, "usage.by."+string(r.By)+".lower"))
}
