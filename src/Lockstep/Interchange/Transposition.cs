using Lockstep.Shared.Checkpoints;

namespace Lockstep.Interchange;

/// <summary>Transposes weight matrices from one <see cref="MatrixLayout"/> to the other.</summary>
internal static class Transposition
{
    /// <summary>A matrix transposed; anything else unchanged.</summary>
    public static NamedTensor Of(NamedTensor tensor)
    {
        if (tensor.Shape is not [var rows, var columns])
            return tensor;
        float[] values = new float[tensor.Values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                values[column * rows + row] = tensor.Values[row * columns + column];
        }

        return new NamedTensor(tensor.Name, [columns, rows], values);
    }
}
