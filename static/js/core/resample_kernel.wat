;; The resampling of docs/preprocessing.md on 32-bit floats: one pixel is one vector of four lanes (red,
;; green, blue, and a fourth that is carried along and dropped at the end).
;;
;; resample_kernel.js says which rows; nothing here knows about pictures. All loops run at least once:
;; the caller never asks for nothing. Built into resample_kernel.wasm by `node tools/build_kernel.mjs`.
(module
  (import "env" "memory" (memory 1))

  ;; Resample one row of 8-bit pixels. `entries` holds for each output pixel where its first source
  ;; pixel lies (bytes from the row's beginning) and how many weights follow for it in `weights`.
  ;; Of a pixel of three bytes a fourth is read with it: the row must not end with the memory.
  (func (export "across")
    (param $row i32) (param $step i32) ;; address of the row; bytes of a pixel, 3 or 4
    (param $entries i32) (param $last i32) (param $weights i32)
    (param $out i32) ;; 16 bytes for each output pixel
    (local $pixel i32)
    (local $left i32)
    (local $sum v128)
    (loop $outputs
      (local.set $pixel (i32.add (local.get $row) (i32.load (local.get $entries))))
      (local.set $left (i32.load offset=4 (local.get $entries)))
      (local.set $sum (v128.const f32x4 0 0 0 0))
      (loop $sources
        (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul
          (v128.load32_splat (local.get $weights))
          (f32x4.convert_i32x4_u (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
            (v128.load32_zero (local.get $pixel))))))))
        (local.set $pixel (i32.add (local.get $pixel) (local.get $step)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 4)))
        (br_if $sources (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $out) (local.get $sum))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $outputs (i32.ne
        (local.tee $entries (i32.add (local.get $entries) (i32.const 8))) (local.get $last)))))

  ;; sums += weight * row, or sums = weight * row.
  (func (export "down")
    (param $row i32) (param $last i32) (param $weight f32) (param $sums i32) (param $keep i32)
    (local $factor v128)
    (local.set $factor (f32x4.splat (local.get $weight)))
    (if (local.get $keep)
      (then (loop $add
        (v128.store (local.get $sums) (f32x4.add (v128.load (local.get $sums))
          (f32x4.mul (local.get $factor) (v128.load (local.get $row)))))
        (local.set $sums (i32.add (local.get $sums) (i32.const 16)))
        (br_if $add (i32.ne
          (local.tee $row (i32.add (local.get $row) (i32.const 16))) (local.get $last)))))
      (else (loop $set
        (v128.store (local.get $sums) (f32x4.mul (local.get $factor) (v128.load (local.get $row))))
        (local.set $sums (i32.add (local.get $sums) (i32.const 16)))
        (br_if $set (i32.ne
          (local.tee $row (i32.add (local.get $row) (i32.const 16))) (local.get $last)))))))

  ;; Round to three bytes a pixel, from `sums` to `last` (not included) in steps of 16 or, to mirror,
  ;; of -16. The fourth lane is written too and overwritten by the next pixel: one byte more is needed.
  (func (export "bytes")
    (param $sums i32) (param $last i32) (param $step i32) (param $out i32)
    (local $pixel v128)
    (loop $pixels
      (local.set $pixel (i32x4.trunc_sat_f32x4_s (f32x4.add
        (v128.load (local.get $sums)) (v128.const f32x4 0.5 0.5 0.5 0.5))))
      (local.set $pixel (i16x8.narrow_i32x4_s (local.get $pixel) (local.get $pixel)))
      (v128.store32_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $pixel) (local.get $pixel)))
      (local.set $out (i32.add (local.get $out) (i32.const 3)))
      (br_if $pixels (i32.ne
        (local.tee $sums (i32.add (local.get $sums) (local.get $step))) (local.get $last)))))

  ;; x * scale + shift, three numbers a pixel; four bytes more are written than they need.
  (func (export "floats")
    (param $sums i32) (param $last i32) (param $scale f32) (param $shift f32) (param $out i32)
    (loop $pixels
      (v128.store (local.get $out) (f32x4.add (f32x4.splat (local.get $shift))
        (f32x4.mul (f32x4.splat (local.get $scale)) (v128.load (local.get $sums)))))
      (local.set $out (i32.add (local.get $out) (i32.const 12)))
      (br_if $pixels (i32.ne
        (local.tee $sums (i32.add (local.get $sums) (i32.const 16))) (local.get $last))))))
