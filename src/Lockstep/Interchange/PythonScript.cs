using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Model.Specs;

namespace Lockstep.Interchange;

/// <summary>Lines of Python that build a network and load its exported weights.</summary>
internal static class PythonScript
{
    private static readonly JsonSerializerOptions AsTyped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Lines for PyTorch.</summary>
    /// <param name="run">What was trained.</param>
    /// <param name="format">Format of the file.</param>
    /// <param name="path">The file.</param>
    public static string Build(RunSpec run, WeightFormat format, string path)
    {
        ModelSpec model = run.Model;
        // A JSON string is a Python string too.
        string file = JsonSerializer.Serialize(path, AsTyped);
        string[] load = format.Name switch
        {
            "safetensors" => [$"model.load_state_dict(load_file({file}))"],
            "npz" =>
            [
                $"arrays = numpy.load({file})",
                "model.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays.files})",
            ],
            _ =>
            [
                "model.load_state_dict({",
                $"    name: torch.from_numpy(numpy.loadtxt({file} + f\"/{{name}}.csv\", delimiter=\",\", "
                + "dtype=\"float32\").reshape(values.shape))",
                "    for name, values in model.state_dict().items()",
                "})",
            ],
        };
        string[] imports = format == WeightFormat.Safetensors
            ? ["import torch", "from safetensors.torch import load_file"]
            : ["import numpy", "import torch"];
        string content = run.Data.Preparation?.Inputs is TableSpec ? "numbers standardised and texts one-hot" : "pixels scaled to 0..1";
        var script = new StringBuilder();
        foreach (string line in (string[])
        [
            .. imports, "", "model = torch.nn.Sequential(", .. TorchNames.Modules(model).Select(module => $"    {module},"), ")", .. load,
            $"model.eval()  # float32 [batch, {Shape(model)}], {content}, to "
                + $"{(run.IsRegression ? "standardised targets" : "logits")} [batch, {model.Classes}]",
        ])
        {
            _ = script.Append(line).Append('\n');
        }

        return script.ToString();
    }

    // PyTorch has the channels of images first.
    private static string Shape(ModelSpec model) => model.InputShape.Dimensions is [var height, var width, var channels]
        ? $"{channels}, {height}, {width}"
        : $"{model.Inputs}";
}
