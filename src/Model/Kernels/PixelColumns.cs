using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch turned on their side: for each pixel the examples where it is not zero, in batch order, with its value
/// (compressed columns). Built anew for each batch by counting; the buffers grow to the largest batch seen.
/// </summary>
internal sealed class PixelColumns(int pixels)
{
    // Two more than there are pixels: see Build.
    private readonly int[] _starts = new int[pixels + 2];
    private int[] _examples = [];
    private float[] _values = [];

    /// <summary>pixels + 1 positions; pixel p has the entries from Starts[p] up to Starts[p + 1].</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, pixels + 1);

    /// <summary>Position in the batch of each entry.</summary>
    public ReadOnlySpan<int> Examples => _examples;

    /// <summary>x of each entry: see <see cref="PixelBatch.Scaled"/>.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Takes the images of <paramref name="batch"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Build(in PixelBatch batch)
    {
        if (batch.Pixels != pixels)
            throw new ArgumentException($"Images of {batch.Pixels} pixels; expected {pixels}.", nameof(batch));

        // Counts go two places up. Summed, place p + 1 holds the start of pixel p; it moves on with every entry of the pixel, and ends up
        // at the start of pixel p + 1. A batch has no index beyond its pixels, so the places need no check.
        Array.Clear(_starts);
        ref int starts = ref MemoryMarshal.GetArrayDataReference(_starts);
        int entries = 0;
        foreach (int example in batch.Examples)
        {
            ReadOnlySpan<ushort> row = batch.Indices[batch.RowStarts[example]..batch.RowStarts[example + 1]];
            foreach (ushort pixel in row)
                Unsafe.Add(ref starts, pixel + 2)++;
            entries += row.Length;
        }

        for (int p = 2; p < _starts.Length; p++)
            _starts[p] += _starts[p - 1];
        if (entries > _examples.Length)
            (_examples, _values) = (new int[entries + entries / 4], new float[entries + entries / 4]);

        ref int positions = ref MemoryMarshal.GetArrayDataReference(_examples);
        ref float scaled = ref MemoryMarshal.GetArrayDataReference(_values);
        ref float table = ref MemoryMarshal.GetReference(batch.Scaled);
        for (int e = 0; e < batch.Count; e++)
        {
            int start = batch.RowStarts[batch.Examples[e]], length = batch.RowStarts[batch.Examples[e] + 1] - start;
            ref ushort indices = ref Unsafe.Add(ref MemoryMarshal.GetReference(batch.Indices), start);
            ref byte values = ref Unsafe.Add(ref MemoryMarshal.GetReference(batch.Values), start);
            for (int k = 0; k < length; k++)
            {
                int entry = Unsafe.Add(ref starts, Unsafe.Add(ref indices, k) + 1)++;
                Unsafe.Add(ref positions, entry) = e;
                Unsafe.Add(ref scaled, entry) = Unsafe.Add(ref table, (int)Unsafe.Add(ref values, k));
            }
        }
    }
}
