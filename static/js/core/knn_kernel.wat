;; Similarities of one query to many rows: out[r] = x[r] . q, on 32-bit floats, four lanes at a time.
;;
;; Rows lie one after another, each `stride` bytes long, a multiple of 64 (the tail is filled with
;; zeros, so that no remainder has to be handled). Four accumulators hide the latency of the
;; additions; at 50,000 rows of 1,280 numbers memory is the limit and nothing else.
;; Built into knn_kernel.wasm by `node tools/build_kernel.mjs`.
(module
  (import "env" "memory" (memory 1))

  (func (export "dots")
    (param $query i32)   ;; address of the query
    (param $row i32)     ;; address of the first row
    (param $stride i32)  ;; bytes from one row to the next, a multiple of 64
    (param $count i32)   ;; number of rows
    (param $out i32)     ;; address of the answers, 4 bytes each
    (local $q i32)
    (local $end i32)
    (local $last i32)
    (local $a v128)
    (local $b v128)
    (local $c v128)
    (local $d v128)
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (br_if $done (i32.eqz (local.get $stride)))
      (loop $rows
        (local.set $q (local.get $query))
        (local.set $end (i32.add (local.get $row) (local.get $stride)))
        (local.set $a (v128.const f32x4 0 0 0 0))
        (local.set $b (v128.const f32x4 0 0 0 0))
        (local.set $c (v128.const f32x4 0 0 0 0))
        (local.set $d (v128.const f32x4 0 0 0 0))
        (loop $numbers
          (local.set $a (f32x4.add (local.get $a)
            (f32x4.mul (v128.load (local.get $row)) (v128.load (local.get $q)))))
          (local.set $b (f32x4.add (local.get $b)
            (f32x4.mul (v128.load offset=16 (local.get $row)) (v128.load offset=16 (local.get $q)))))
          (local.set $c (f32x4.add (local.get $c)
            (f32x4.mul (v128.load offset=32 (local.get $row)) (v128.load offset=32 (local.get $q)))))
          (local.set $d (f32x4.add (local.get $d)
            (f32x4.mul (v128.load offset=48 (local.get $row)) (v128.load offset=48 (local.get $q)))))
          (local.set $q (i32.add (local.get $q) (i32.const 64)))
          (local.set $row (i32.add (local.get $row) (i32.const 64)))
          ;; Equality, not "less than": addresses above 2 GB are negative to a signed comparison.
          (br_if $numbers (i32.ne (local.get $row) (local.get $end))))
        (local.set $a (f32x4.add (f32x4.add (local.get $a) (local.get $b))
                                 (f32x4.add (local.get $c) (local.get $d))))
        (f32.store (local.get $out)
          (f32.add
            (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
            (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br_if $rows (i32.ne (local.get $out) (local.get $last))))))

  ;; The sum of four lanes.
  (func $sum (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  ;; Four queries at once, two rows at a time: each row is fetched once for all four, and eight
  ;; independent sums keep the processor busy. The answers of query j begin at $out + 8192 j.
  (func (export "dots4")
    (param $q0 i32) (param $q1 i32) (param $q2 i32) (param $q3 i32)
    (param $row i32)     ;; address of the first row
    (param $stride i32)  ;; bytes from one row to the next, a multiple of 64
    (param $pairs i32)   ;; number of pairs of rows, at most 1024
    (param $out i32)
    (local $x0 i32) (local $x1 i32) (local $end i32) (local $last i32)
    (local $p0 i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
    (local $u v128) (local $v v128) (local $w v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $pairs) (i32.const 3))))
    (block $done
      (br_if $done (i32.eqz (local.get $pairs)))
      (br_if $done (i32.eqz (local.get $stride)))
      (loop $rows
        (local.set $x0 (local.get $row))
        (local.set $x1 (i32.add (local.get $row) (local.get $stride)))
        (local.set $end (local.get $x1))
        (local.set $row (i32.add (local.get $x1) (local.get $stride)))
        (local.set $p0 (local.get $q0))
        (local.set $p1 (local.get $q1))
        (local.set $p2 (local.get $q2))
        (local.set $p3 (local.get $q3))
        (local.set $a0 (v128.const f32x4 0 0 0 0))
        (local.set $b0 (v128.const f32x4 0 0 0 0))
        (local.set $a1 (v128.const f32x4 0 0 0 0))
        (local.set $b1 (v128.const f32x4 0 0 0 0))
        (local.set $a2 (v128.const f32x4 0 0 0 0))
        (local.set $b2 (v128.const f32x4 0 0 0 0))
        (local.set $a3 (v128.const f32x4 0 0 0 0))
        (local.set $b3 (v128.const f32x4 0 0 0 0))
        (loop $numbers
          (local.set $u (v128.load offset=0 (local.get $x0)))
          (local.set $v (v128.load offset=0 (local.get $x1)))
          (local.set $w (v128.load offset=0 (local.get $p0)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=0 (local.get $p1)))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=0 (local.get $p2)))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=0 (local.get $p3)))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $u (v128.load offset=16 (local.get $x0)))
          (local.set $v (v128.load offset=16 (local.get $x1)))
          (local.set $w (v128.load offset=16 (local.get $p0)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=16 (local.get $p1)))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=16 (local.get $p2)))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=16 (local.get $p3)))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $u (v128.load offset=32 (local.get $x0)))
          (local.set $v (v128.load offset=32 (local.get $x1)))
          (local.set $w (v128.load offset=32 (local.get $p0)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=32 (local.get $p1)))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=32 (local.get $p2)))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=32 (local.get $p3)))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $u (v128.load offset=48 (local.get $x0)))
          (local.set $v (v128.load offset=48 (local.get $x1)))
          (local.set $w (v128.load offset=48 (local.get $p0)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=48 (local.get $p1)))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=48 (local.get $p2)))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $w (v128.load offset=48 (local.get $p3)))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $u) (local.get $w))))
          (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $v) (local.get $w))))
          (local.set $x1 (i32.add (local.get $x1) (i32.const 64)))
          (local.set $p0 (i32.add (local.get $p0) (i32.const 64)))
          (local.set $p1 (i32.add (local.get $p1) (i32.const 64)))
          (local.set $p2 (i32.add (local.get $p2) (i32.const 64)))
          (local.set $p3 (i32.add (local.get $p3) (i32.const 64)))
          (local.set $x0 (i32.add (local.get $x0) (i32.const 64)))
          (br_if $numbers (i32.ne (local.get $x0) (local.get $end))))
        (f32.store offset=0 (local.get $out) (call $sum (local.get $a0)))
        (f32.store offset=4 (local.get $out) (call $sum (local.get $b0)))
        (f32.store offset=8192 (local.get $out) (call $sum (local.get $a1)))
        (f32.store offset=8196 (local.get $out) (call $sum (local.get $b1)))
        (f32.store offset=16384 (local.get $out) (call $sum (local.get $a2)))
        (f32.store offset=16388 (local.get $out) (call $sum (local.get $b2)))
        (f32.store offset=24576 (local.get $out) (call $sum (local.get $a3)))
        (f32.store offset=24580 (local.get $out) (call $sum (local.get $b3)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (br_if $rows (i32.ne (local.get $out) (local.get $last))))))

  ;; The same on 8-bit rows and a 16-bit query, for the shortlist: a quarter of the bytes. Sums of
  ;; 32 bits suffice because the caller keeps the query short enough.
  (func (export "dots8")
    (param $query i32)   ;; address of the query, 2 bytes a number
    (param $row i32)     ;; address of the first row, 1 byte a number
    (param $stride i32)  ;; bytes from one row to the next, a multiple of 64
    (param $count i32)   ;; number of rows
    (param $out i32)     ;; address of the answers, 4 bytes each
    (local $q i32)
    (local $end i32)
    (local $last i32)
    (local $a v128)
    (local $b v128)
    (local $c v128)
    (local $d v128)
    (local.set $last (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (br_if $done (i32.eqz (local.get $stride)))
      (loop $rows
        (local.set $q (local.get $query))
        (local.set $end (i32.add (local.get $row) (local.get $stride)))
        (local.set $a (v128.const i32x4 0 0 0 0))
        (local.set $b (v128.const i32x4 0 0 0 0))
        (local.set $c (v128.const i32x4 0 0 0 0))
        (local.set $d (v128.const i32x4 0 0 0 0))
        (loop $numbers
          (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=0 (local.get $row)) (v128.load offset=0 (local.get $q)))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=8 (local.get $row)) (v128.load offset=16 (local.get $q)))))
          (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=16 (local.get $row)) (v128.load offset=32 (local.get $q)))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=24 (local.get $row)) (v128.load offset=48 (local.get $q)))))
          (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=32 (local.get $row)) (v128.load offset=64 (local.get $q)))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=40 (local.get $row)) (v128.load offset=80 (local.get $q)))))
          (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=48 (local.get $row)) (v128.load offset=96 (local.get $q)))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s
            (v128.load8x8_s offset=56 (local.get $row)) (v128.load offset=112 (local.get $q)))))
          (local.set $q (i32.add (local.get $q) (i32.const 128)))
          (local.set $row (i32.add (local.get $row) (i32.const 64)))
          (br_if $numbers (i32.ne (local.get $row) (local.get $end))))
        (local.set $a (i32x4.add (i32x4.add (local.get $a) (local.get $b))
                                 (i32x4.add (local.get $c) (local.get $d))))
        (i32.store (local.get $out)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $a)) (i32x4.extract_lane 1 (local.get $a)))
            (i32.add (i32x4.extract_lane 2 (local.get $a)) (i32x4.extract_lane 3 (local.get $a)))))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br_if $rows (i32.ne (local.get $out) (local.get $last)))))))
