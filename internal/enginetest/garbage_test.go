package enginetest_test

import (
	"sync/atomic"
	"time"
)

// What the host of a latency makes: objects of mixed sizes, most of which it
// soon forgets.
const (
	garbageRate = 200 << 20 // bytes a second
	garbageLive = 200 << 20 // bytes that it keeps
)

// garbageSizes are those of the objects of a host: answers, rows, lines of text.
var garbageSizes = [...]int{16, 32, 48, 64, 96, 128, 192, 256, 512, 1024}

// parcel is an object that refers to others, so that the collector has to walk.
type parcel struct {
	text []byte
	next *parcel
}

// garbage is a host that allocates beside a contestant. What it keeps it keeps
// from one command to the next.
type garbage struct {
	kept  []*parcel
	place int
	made  atomic.Int64
	quit  chan struct{}
	ended chan struct{}
	began time.Time
}

func (g *garbage) start() {
	for live := 0; live < garbageLive; {
		p, size := g.parcel(len(g.kept))
		g.kept = append(g.kept, p)
		live += size
	}
	g.quit, g.ended = make(chan struct{}), make(chan struct{})
	g.made.Store(0)
	g.began = time.Now()
	go func() {
		defer close(g.ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for i := 0; ; {
			select {
			case <-g.quit:
				return
			case <-tick.C:
			}
			for owed := int64(time.Since(g.began).Seconds() * garbageRate); g.made.Load() < owed; i++ {
				p, size := g.parcel(i)
				// Each fourth takes the place of an older one.
				if i%4 == 0 {
					g.place = (g.place + 7919) % len(g.kept)
					g.kept[g.place] = p
				}
				g.made.Add(int64(size))
			}
		}
	}()
}

func (g *garbage) parcel(i int) (*parcel, int) {
	size := garbageSizes[i%len(garbageSizes)]
	p := &parcel{text: make([]byte, size)}
	if i%8 != 0 && len(g.kept) > 0 {
		// Never of a chain longer than two: a chain would keep all that ever was.
		if older := g.kept[i%len(g.kept)]; older.next == nil {
			p.next = older
		}
	}
	return p, size + 32
}

// stop returns how many bytes a second were made.
func (g *garbage) stop() float64 {
	close(g.quit)
	<-g.ended
	return float64(g.made.Load()) / time.Since(g.began).Seconds()
}
