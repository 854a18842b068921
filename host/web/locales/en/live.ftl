live-new = There is something new. Show it
