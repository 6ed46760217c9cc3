using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// The outputs of weights are their last axis here, [in, out] and [in, row, column, out], and their first in PyTorch and ONNX: [out, in]
/// and [out, in, row, column].
/// </summary>
public static class AxisOrder
{
    /// <summary>Weights with their outputs first; vectors unchanged.</summary>
    public static NamedTensor OutputsFirst(NamedTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Shape.Count < 2
            ? tensor
            : Transposed(tensor, tensor.Values.Length / Math.Max(1, tensor.Shape[^1]), [tensor.Shape[^1], .. tensor.Shape.SkipLast(1)]);
    }

    /// <summary>Weights with their outputs last; vectors unchanged.</summary>
    public static NamedTensor OutputsLast(NamedTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Shape.Count < 2 ? tensor : Transposed(tensor, tensor.Shape[0], [.. tensor.Shape.Skip(1), tensor.Shape[0]]);
    }

    private static NamedTensor Transposed(NamedTensor tensor, int rows, int[] shape)
    {
        float[] values = new float[tensor.Values.Length];
        int columns = values.Length / Math.Max(1, rows);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                values[column * rows + row] = tensor.Values[row * columns + column];
        }

        return new NamedTensor(tensor.Name, shape, values);
    }
}
