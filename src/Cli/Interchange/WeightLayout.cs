using Lockstep.Cli.Configuration;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Interchange;

/// <summary>Which way weight matrices lie in a file: [in, out], as here and in TensorFlow, or [out, in], as in PyTorch.</summary>
internal static class WeightLayout
{
    /// <summary>[in, out].</summary>
    public const string Tf = "tf";

    /// <summary>[out, in].</summary>
    public const string Torch = "torch";

    /// <summary>Whether matrices are [out, in]: by <c>--layout</c>, or else for who wants PyTorch's names.</summary>
    public static bool IsTorch(Settings settings) =>
        (settings.Find(OptionTable.Layout) ?? (TorchNames.AreWanted(settings) ? Torch : Tf)) == Torch;

    /// <summary>A matrix with rows and columns exchanged; anything else as it is.</summary>
    public static NamedTensor Transpose(NamedTensor tensor)
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
