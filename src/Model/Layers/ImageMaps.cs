using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Layers;

/// <summary>Byte images below a layer that reads maps: x = intensity / 255, after augmentation and input dropout.</summary>
/// <param name="shape">Size of an image.</param>
/// <param name="training">Makes the batches.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class ImageMaps(MapShape shape, TrainingPixels training, LayerContext context) : ExampleInput(context)
{
    private readonly int[] _places = Places(shape);
    private AlignedBuffer _values = new(0);
    private int _rows;

    public override int Rows => _rows;

    public override int Stride => 0;

    public override ReadOnlySpan<float> Values => _values.Span[..(MapShape.Blocks(_rows) * shape.BlockFloats)];

    public override bool Reads(Examples examples) => examples is ImageSet;

    public override void Load(Examples examples, ReadOnlySpan<int> indices, in BatchRows? rows)
    {
        _rows = indices.Length;
        Unpack(training.Batch((ImageSet)examples, indices, rows));
    }

    private void Unpack(in PixelBatch batch)
    {
        Span<float> all = AlignedBuffer.Grown(ref _values, MapShape.Blocks(_rows) * shape.BlockFloats);
        all.Clear();
        ReadOnlySpan<float> scaled = batch.Scaled;
        for (int row = 0; row < _rows; row++)
        {
            Span<float> values = all[(row / MapShape.Lanes * shape.BlockFloats + row % MapShape.Lanes)..];
            int image = batch.Examples[row];
            foreach (uint entry in batch.Entries[batch.RowStarts[image]..batch.RowStarts[image + 1]])
            {
                int pixel = 2 * (int)(entry >> 16);
                values[_places[pixel + 1]] = scaled[(int)(entry >> 8 & 0xFF)];
                values[_places[pixel]] = scaled[(int)(entry & 0xFF)];
            }
        }
    }

    // Where the values of an image, [row, column, channel], lie in the block. An odd number of values has a zero after the last, which is
    // written first, in the same place.
    private static int[] Places(MapShape shape)
    {
        var places = new int[shape.Values + 1];
        for (int i = 0; i < shape.Values; i++)
        {
            int channel = i % shape.Channels, place = i / shape.Channels;
            places[i] = (channel * shape.Height * shape.Width + place) * MapShape.Lanes;
        }

        places[^1] = places[^2];
        return places;
    }
}
