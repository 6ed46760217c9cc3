using Lockstep.Model.Data;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch turned on their side: for each pixel the examples where it is not zero, in batch order, with its value
/// (compressed columns). Built anew for each batch by counting; the buffers grow to the largest batch seen.
/// </summary>
internal sealed class PixelColumns(int pixels)
{
    private readonly int[] _starts = new int[pixels + 1];
    private int[] _examples = [];
    private float[] _values = [];

    /// <summary>pixels + 1 positions; pixel p has the entries from Starts[p] up to Starts[p + 1].</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>Position in the batch of each entry.</summary>
    public ReadOnlySpan<int> Examples => _examples;

    /// <summary>Intensity / 255 of each entry.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Takes the images of <paramref name="examples"/>.</summary>
    public void Build(ImageSet images, ReadOnlySpan<int> examples)
    {
        if (images.Pixels != _starts.Length - 1)
            throw new ArgumentException($"Images of {images.Pixels} pixels; expected {_starts.Length - 1}.", nameof(images));

        // Counts go two places up, so that after summing, and after each entry has moved its pixel's start, every start is in place.
        Span<int> starts = _starts;
        starts.Clear();
        foreach (int example in examples)
        {
            foreach (ushort pixel in Row(images, images.Indices, example))
            {
                if (pixel + 2 < starts.Length)
                    starts[pixel + 2]++;
            }
        }

        for (int p = 2; p < starts.Length; p++)
            starts[p] += starts[p - 1];

        int entries = 0;
        foreach (int example in examples)
            entries += images.RowStarts[example + 1] - images.RowStarts[example];
        if (entries > _examples.Length)
            (_examples, _values) = (new int[entries + entries / 4], new float[entries + entries / 4]);

        for (int e = 0; e < examples.Length; e++)
        {
            ReadOnlySpan<ushort> row = Row(images, images.Indices, examples[e]);
            ReadOnlySpan<byte> values = Row(images, images.Values, examples[e]);
            for (int k = 0; k < row.Length; k++)
            {
                int entry = starts[row[k] + 1]++;
                _examples[entry] = e;
                _values[entry] = PixelForward.Scaled[values[k]];
            }
        }
    }

    private static ReadOnlySpan<T> Row<T>(ImageSet images, ReadOnlySpan<T> entries, int example) =>
        entries[images.RowStarts[example]..images.RowStarts[example + 1]];
}
