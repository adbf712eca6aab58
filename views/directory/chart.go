package directory

import (
	"context"
	"strconv"
	"time"

	"locum/models/directory"
	"locum/views/i18n"
	"locum/views/ui"
)

// The plot of the chart, in pixels.
const (
	plotTop, plotBottom = 14.0, 148.0
	labelsAt            = 164
)

// Bar is one bar of the chart: x and width in percent, y and height in pixels.
type Bar struct{ X, Width, Y, Height, Title string }

// series are the bars of one tone, with its word.
type series struct {
	tone, key string
	of        func(directory.Day) int
}

// stack is the order from below.
var stack = []series{
	{ui.Info, "changed", func(d directory.Day) int { return d.Changed }},
	{ui.OK, "joined", func(d directory.Day) int { return d.Joined }},
	{ui.Bad, "gone", func(d directory.Day) int { return d.Gone }},
}

// chart is the changes of some days.
type chart struct {
	days []directory.Day
	top  int // what the upper grid line stands for
}

func newChart(days []directory.Day) chart {
	most := 2
	for _, d := range days {
		most = max(most, d.Sum())
	}
	step := 1
	for step*10 < most {
		step *= 10
	}
	top := step
	for _, factor := range []int{2, 4, 6, 8, 10} {
		if top = step * factor; top >= most {
			break
		}
	}
	return chart{days, top}
}

func (c chart) y(n int) float64 {
	return plotBottom - float64(n)/float64(c.top)*(plotBottom-plotTop)
}

func pixels(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }

// bars are those of a series, each on top of those below it.
func (c chart) bars(ctx context.Context, nth int) (list []Bar) {
	width := 100.0 / float64(len(c.days))
	for i, d := range c.days {
		below, n := 0, stack[nth].of(d)
		for _, s := range stack[:nth] {
			below += s.of(d)
		}
		if n == 0 {
			continue
		}
		list = append(list, Bar{X: percent(float64(i)*width + width*0.15), Width: percent(width * 0.7), Y: pixels(c.y(below + n)), Height: pixels(max(1, c.y(below)-c.y(below+n)-0.8)),
			Title: i18n.From(ctx).ShortDate(d.Start) + ", " + i18n.T(ctx, "directory.chart."+stack[nth].key) + ": " + i18n.From(ctx).Number(n)})
	}
	return list
}

// label is a day below the axis; every other one, and the last.
func (c chart) labels(ctx context.Context) (list []Bar) {
	width := 100.0 / float64(len(c.days))
	for i, d := range c.days {
		text := strconv.Itoa(d.Start.Day())
		switch {
		case i == len(c.days)-1:
			text = i18n.T(ctx, "directory.chart.today")
		case i%2 == 1 || i == len(c.days)-2:
			continue
		}
		list = append(list, Bar{X: percent((float64(i) + 0.5) * width), Title: text})
	}
	return list
}

// summary is the chart in words: range and peak.
func (c chart) summary(ctx context.Context) string {
	least, most, peak := -1, 0, time.Time{}
	for _, d := range c.days {
		if n := d.Sum(); n > most {
			most, peak = n, d.Start
		}
		if n := d.Sum(); least < 0 || n < least {
			least = n
		}
	}
	l := i18n.From(ctx)
	if most == 0 {
		return l.T("directory.chart.none")
	}
	return l.T("directory.chart.summary", "Least", l.Number(least), "Most", l.Number(most), "Day", l.ShortDate(peak))
}
