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
