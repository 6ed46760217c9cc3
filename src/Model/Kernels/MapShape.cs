using Lockstep.Model.Specs;

namespace Lockstep.Model.Kernels;

/// <summary>
/// Maps of a batch in blocks of 16 examples, one a lane: <c>[blocks, channels, height, width, 16]</c>. So every value of a map is one
/// whole vector at 512 bits, and no kernel has tails or adds up lanes. The last block's lanes without an example are zero.
/// </summary>
/// <param name="Height">Rows of a map.</param>
/// <param name="Width">Columns of a map.</param>
/// <param name="Channels">Maps of an example.</param>
internal readonly record struct MapShape(int Height, int Width, int Channels)
{
    /// <summary>Examples of a block.</summary>
    public const int Lanes = 16;

    /// <summary>Values of one example.</summary>
    public int Values => Height * Width * Channels;

    /// <summary>Floats of a block.</summary>
    public int BlockFloats => checked(Values * Lanes);

    /// <summary>Floats of one channel of a block.</summary>
    public int ChannelFloats => Height * Width * Lanes;

    /// <summary>The maps of examples of a shape, [height, width, channels].</summary>
    public static MapShape Of(TensorShape shape) => new(shape.Dimensions[0], shape.Dimensions[1], shape.Dimensions[2]);

    /// <summary>Blocks of a batch.</summary>
    public static int Blocks(int rows) => (rows + Lanes - 1) / Lanes;
}
